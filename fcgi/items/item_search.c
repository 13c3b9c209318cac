#include "fcgi/items/item_search.h"

#include "shared/infra/mongo_read.h"

#define BEHIND_ALL "\xF4\x8F\xBF\xBF" /* the last character there is */

static const struct search_order orders[] = {
    [ITEM_SORT_CREATED] = {"created_at", ITEMS_NEWEST, "keys", false, true},
    [ITEM_SORT_CREATED_DOWN] = {"created_at", ITEMS_NEWEST, "keys", true, true},
    [ITEM_SORT_PRICE] = {"price.amount", ITEMS_BY_PRICE, "facets", false, false},
    [ITEM_SORT_PRICE_DOWN] = {"price.amount", ITEMS_BY_PRICE, "facets", true, false},
    [ITEM_SORT_NAME] = {"name_key", ITEMS_BY_NAME, "facets", false, false},
};

const struct search_order *
search_order_of(enum item_sort sort)
{
	return &orders[sort];
}

static bool
is_by_price(const struct search_order *order)
{
	return str_equal(order->index, ITEMS_BY_PRICE);
}

static bool
has_prices(const struct item_filter *filter)
{
	return filter->has_min_price || filter->has_max_price;
}

static enum err
add_key(struct search_keys *keys, const char *text, bool is_word)
{
	TRY_ALLOC(text);
	if (keys->count < ITEM_KEYS_MAX_ASK)
		keys->list[keys->count++] = (struct search_key){text, is_word};
	return ERR_OK;
}

static enum err
add_word(struct arena *arena, struct search_keys *keys, const char *word, bool is_beginning)
{
	const char *key;

	TRY(item_key_word(arena, word, is_beginning, &key));
	return key != NULL ? add_key(keys, key, true) : ERR_OK;
}

enum err
search_keys_of(struct arena *arena, const struct item_filter *filter, struct search_keys *out)
{
	struct search_keys keys = {.count = 0};

	if (filter->has_seller)
		TRY(add_key(&keys, item_key_facet(arena, 's', filter->seller_id.text), false));
	if (filter->tag != NULL)
		TRY(add_key(&keys, item_key_facet(arena, 't', filter->tag), false));
	if (filter->category != NULL)
		TRY(add_key(&keys, item_key_facet(arena, 'c', filter->category), false));
	if (filter->currency != NULL)
		TRY(add_key(&keys, item_key_facet(arena, 'm', filter->currency), false));
	keys.exact = keys.count <= 1 && filter->beginning == NULL && !filter->has_in_stock;
	if (filter->beginning != NULL)
		TRY(add_word(arena, &keys, filter->beginning, true));
	for (size_t i = 0; i < filter->words.count; i++)
		TRY(add_word(arena, &keys, filter->words.list[i], false));
	if (keys.count == 0)
		TRY(add_key(&keys, ITEM_KEY_ALL, false));
	*out = keys;
	return ERR_OK;
}

/* The next place of the array LIST. */
static bool
begin_element(bson_t *list, uint32_t *count, bson_t *element)
{
	char text[16];
	const char *at;

	bson_uint32_to_string((*count)++, &at, text, sizeof(text));
	return bson_append_document_begin(list, at, -1, element);
}

static bool
put_beginning(bson_t *element, const char *beginning)
{
	bson_t words, match;
	bool fits = BSON_APPEND_DOCUMENT_BEGIN(element, "words", &words) &&
	    BSON_APPEND_DOCUMENT_BEGIN(&words, "$elemMatch", &match) &&
	    mongo_put_text(&match, "$gte", beginning);
	if (fits) {
		char *end = bson_strdup_printf("%s" BEHIND_ALL, beginning);

		fits = mongo_put_text(&match, "$lt", end);
		bson_free(end);
	}
	return fits && bson_append_document_end(&words, &match) &&
	    bson_append_document_end(element, &words);
}

static bool
put_words(bson_t *query, const struct item_filter *filter)
{
	uint32_t count = 0;
	bson_t all, element;
	bool fits;

	if (filter->beginning == NULL)
		return true;
	fits = BSON_APPEND_ARRAY_BEGIN(query, "$and", &all) &&
	    begin_element(&all, &count, &element) && put_beginning(&element, filter->beginning) &&
	    bson_append_document_end(&all, &element);
	for (size_t i = 0; fits && i < filter->words.count; i++)
		fits = begin_element(&all, &count, &element) &&
		    mongo_put_text(&element, "words", filter->words.list[i]) &&
		    bson_append_document_end(&all, &element);
	return fits && bson_append_array_end(query, &all);
}

static bool
put_text_unless_null(bson_t *query, const char *name, const char *text)
{
	return text == NULL || mongo_put_text(query, name, text);
}

static bool
put_range(bson_t *query, const char *name, bool dates, int64_t low, int64_t high)
{
	bson_t range;
	bool fits = bson_append_document_begin(query, name, -1, &range);

	if (low > INT64_MIN)
		fits = fits &&
		    (dates ? BSON_APPEND_DATE_TIME(&range, "$gte", low)
			   : BSON_APPEND_INT64(&range, "$gte", low));
	if (high < INT64_MAX)
		fits = fits &&
		    (dates ? BSON_APPEND_DATE_TIME(&range, "$lt", high)
			   : BSON_APPEND_INT64(&range, "$lt", high));
	return fits && bson_append_document_end(query, &range);
}

static int64_t
higher(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
lower(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static bool
put_texts_between(bson_t *query, const char *name, const struct search_bounds *bounds)
{
	bson_t range;

	if (!bounds->has_after && !bounds->has_before)
		return true;
	return bson_append_document_begin(query, name, -1, &range) &&
	    (!bounds->has_after || mongo_put_text(&range, "$gt", bounds->after.text)) &&
	    (!bounds->has_before || mongo_put_text(&range, "$lt", bounds->before.text)) &&
	    bson_append_document_end(query, &range);
}

/* Whole numbers: from LOW on, below HIGH, as SecantusDB's $lte leaves out what is equal where the
 * index goes on with further fields. */
static bool
put_between(bson_t *query, const struct search_order *order, const struct item_filter *filter,
    const struct search_bounds *bounds)
{
	int64_t low = INT64_MIN;
	int64_t high = INT64_MAX;
	int64_t *beyond_after = order->down ? &high : &low;
	int64_t *beyond_before = order->down ? &low : &high;

	if (bounds->has_after)
		*beyond_after = bounds->after.number + (order->down ? 0 : 1);
	if (bounds->has_before)
		*beyond_before = bounds->before.number + (order->down ? 1 : 0);
	if (is_by_price(order) && filter->has_min_price)
		low = higher(low, filter->min_price);
	if (is_by_price(order) && filter->has_max_price)
		high = lower(high, filter->max_price + 1);
	if (str_equal(order->index, ITEMS_BY_NAME))
		return put_texts_between(query, order->field, bounds);
	if (low == INT64_MIN && high == INT64_MAX)
		return true;
	return put_range(query, order->field, str_equal(order->index, ITEMS_NEWEST), low, high);
}

/* All of one key, between two ids. */
static bool
put_one_key(bson_t *query, const struct search_order *order, const struct search_bounds *bounds)
{
	const struct page_key *key = bounds->has_after ? &bounds->after : &bounds->before;
	const char *after = order->down ? "$lt" : "$gt";
	const char *before = order->down ? "$gte" : "$lte";
	bson_t ids;
	bool fits;

	if (key->text != NULL)
		fits = mongo_put_text(query, order->field, key->text);
	else if (str_equal(order->index, ITEMS_NEWEST))
		fits = bson_append_date_time(query, order->field, -1, key->number);
	else
		fits = bson_append_int64(query, order->field, -1, key->number);
	return fits && BSON_APPEND_DOCUMENT_BEGIN(query, "_id", &ids) &&
	    (!bounds->has_after || mongo_put_text(&ids, after, bounds->after.id.text)) &&
	    (!bounds->has_before || mongo_put_text(&ids, before, bounds->before.id.text)) &&
	    bson_append_document_end(query, &ids);
}

static bool
put_rest(bson_t *query, const struct search_order *order, const struct item_filter *filter)
{
	bool fits = put_text_unless_null(query, "category", filter->category) &&
	    put_text_unless_null(query, "tags", filter->tag) &&
	    put_text_unless_null(query, "price.currency", filter->currency) &&
	    (!filter->has_seller || mongo_put_text(query, "seller_id", filter->seller_id.text)) &&
	    put_words(query, filter);

	if (fits && has_prices(filter) && !is_by_price(order))
		fits = put_range(query, "price.amount", false,
		    filter->has_min_price ? filter->min_price : INT64_MIN,
		    filter->has_max_price ? filter->max_price + 1 : INT64_MAX);
	if (fits && filter->has_in_stock)
		BCON_APPEND(
		    query, "stock", "{", filter->in_stock ? "$gt" : "$lte", BCON_INT64(0), "}");
	return fits;
}

bson_t *
search_query(const struct search_order *order, const char *key, const struct item_filter *filter,
    const struct search_bounds *bounds, bool with_rest)
{
	bson_t *query = bson_new();
	bool fits = mongo_put_text(query, order->keys, key) &&
	    (bounds->at_one_key ? put_one_key(query, order, bounds)
				: put_between(query, order, filter, bounds)) &&
	    (!with_rest || put_rest(query, order, filter));

	if (fits)
		return query;
	bson_destroy(query);
	return NULL;
}

bson_t *
search_sort(const struct search_order *order)
{
	const int direction = order->down ? -1 : 1;

	return BCON_NEW(order->field, BCON_INT32(direction), "_id", BCON_INT32(direction));
}

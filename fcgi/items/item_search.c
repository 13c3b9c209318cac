#include "fcgi/items/item_search.h"

#include <string.h>

#include "shared/infra/mongo_list.h"
#include "shared/infra/mongo_read.h"

#define BEHIND_ALL "\xF4\x8F\xBF\xBF" /* the last character there is */

static const struct search_order orders[] = {
    [ITEM_SORT_CREATED] = {ITEM_BY_AGE, false, true},
    [ITEM_SORT_CREATED_DOWN] = {ITEM_BY_AGE, true, true},
    [ITEM_SORT_PRICE] = {ITEM_BY_PRICE, false, true},
    [ITEM_SORT_PRICE_DOWN] = {ITEM_BY_PRICE, true, true},
    [ITEM_SORT_NAME] = {ITEM_BY_NAME, false, false},
};

const struct search_order *
search_order_of(enum item_sort sort)
{
	return &orders[sort];
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
	keys.likely =
	    keys.count == 1 && keys.list[0].is_word && !filter->has_in_stock && !has_prices(filter);
	if (keys.count == 0)
		TRY(add_key(&keys, ITEM_KEY_ALL, false));
	*out = keys;
	return ERR_OK;
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
	struct mongo_list all;
	bson_t element;
	bool fits;

	if (filter->beginning == NULL)
		return true;
	fits = mongo_list_begin(query, "$and", &all) && mongo_list_open(&all, &element) &&
	    put_beginning(&element, filter->beginning) && mongo_list_close(&all, &element);
	for (size_t i = 0; fits && i < filter->words.count; i++)
		fits = mongo_list_open(&all, &element) &&
		    mongo_put_text(&element, "words", filter->words.list[i]) &&
		    mongo_list_close(&all, &element);
	return fits && mongo_list_end(query, &all);
}

static bool
put_text_unless_null(bson_t *query, const char *name, const char *text)
{
	return text == NULL || mongo_put_text(query, name, text);
}

static bool
put_prices(bson_t *query, const struct item_filter *filter)
{
	bson_t range;

	return BSON_APPEND_DOCUMENT_BEGIN(query, "price.amount", &range) &&
	    (!filter->has_min_price || BSON_APPEND_INT64(&range, "$gte", filter->min_price)) &&
	    (!filter->has_max_price || BSON_APPEND_INT64(&range, "$lte", filter->max_price)) &&
	    bson_append_document_end(query, &range);
}

static bool
put_rest(bson_t *query, const struct search_order *order, const struct item_filter *filter)
{
	bool fits = put_text_unless_null(query, "category", filter->category) &&
	    put_text_unless_null(query, "tags", filter->tag) &&
	    put_text_unless_null(query, "price.currency", filter->currency) &&
	    (!filter->has_seller || mongo_put_text(query, "seller_id", filter->seller_id.text)) &&
	    put_words(query, filter);

	if (fits && has_prices(filter) && order->by != ITEM_BY_PRICE)
		fits = put_prices(query, filter);
	if (fits && filter->has_in_stock)
		BCON_APPEND(
		    query, "stock", "{", filter->in_stock ? "$gt" : "$lte", BCON_INT64(0), "}");
	return fits;
}

struct range { /* of texts; what it begins and ends with is in it, or not */
	const char *low, *high;
	const char *from, *to; /* the operators that say so */
};

static enum err
cut_low(struct range *range, const char *text, const char *operator)
{
	TRY_ALLOC(text);
	if (strcmp(text, range->low) >= 0) {
		range->low = text;
		range->from = operator;
	}
	return ERR_OK;
}

static enum err
cut_high(struct range *range, const char *text, const char *operator)
{
	TRY_ALLOC(text);
	if (strcmp(text, range->high) <= 0) {
		range->high = text;
		range->to = operator;
	}
	return ERR_OK;
}

static enum err
range_of(struct arena *arena, const struct search_order *order, unsigned level, const char *key,
    const struct item_filter *filter, const struct search_bounds *bounds, struct range *out)
{
	const struct page_key cheapest = {.number = filter->min_price};
	const struct page_key dearer = {.number = filter->max_price + 1};
	const struct page_key *low = order->down ? &bounds->before : &bounds->after;
	const struct page_key *high = order->down ? &bounds->after : &bounds->before;
	const char *first = item_place_end(arena, order->by, level, key, false);
	const char *last = item_place_end(arena, order->by, level, key, true);
	struct range range = {.low = "", .high = last};

	TRY_ALLOC(last);
	TRY(cut_low(&range, first, "$gt"));
	TRY(cut_high(&range, last, "$lt"));
	if (order->by == ITEM_BY_PRICE && filter->has_min_price)
		TRY(cut_low(
		    &range, item_place_text(arena, order->by, level, key, &cheapest), "$gte"));
	if (order->by == ITEM_BY_PRICE && filter->has_max_price)
		TRY(cut_high(
		    &range, item_place_text(arena, order->by, level, key, &dearer), "$lt"));
	if (order->down ? bounds->has_before : bounds->has_after)
		TRY(cut_low(&range, item_place_text(arena, order->by, level, key, low),
		    order->down ? "$gte" : "$gt"));
	if (order->down ? bounds->has_after : bounds->has_before)
		TRY(cut_high(&range, item_place_text(arena, order->by, level, key, high),
		    order->down ? "$lt" : "$lte"));
	*out = range;
	return ERR_OK;
}

static bool
put_range(bson_t *query, const struct range *range)
{
	bson_t places, match;

	return BSON_APPEND_DOCUMENT_BEGIN(query, "places", &places) &&
	    BSON_APPEND_DOCUMENT_BEGIN(&places, "$elemMatch", &match) &&
	    mongo_put_text(&match, range->from, range->low) &&
	    mongo_put_text(&match, range->to, range->high) &&
	    bson_append_document_end(&places, &match) && bson_append_document_end(query, &places);
}

enum err
search_query(struct arena *arena, const struct search_order *order, unsigned level, const char *key,
    const struct item_filter *filter, const struct search_bounds *bounds, bool with_rest,
    bson_t **out)
{
	auto_bson bson_t *query = bson_new();
	struct range range;

	TRY(range_of(arena, order, level, key, filter, bounds, &range));
	if (!put_range(query, &range) || (with_rest && !put_rest(query, order, filter)))
		return ERR_MEMORY;
	*out = query;
	query = NULL;
	return ERR_OK;
}

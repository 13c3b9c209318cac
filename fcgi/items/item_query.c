#include "fcgi/items/item_query.h"

#include "shared/infra/mongo_read.h"

/* What a list is sorted by; ties are broken by _id in the same direction. */
static const struct sort_row {
	const char *field;
	bool down;
} sort_rows[] = {
    [ITEM_SORT_CREATED] = {"created_at", false},
    [ITEM_SORT_CREATED_DOWN] = {"created_at", true},
    [ITEM_SORT_PRICE] = {"price.amount", false},
    [ITEM_SORT_PRICE_DOWN] = {"price.amount", true},
    [ITEM_SORT_NAME] = {"name_key", false},
};

static bool
put_all_words(bson_t *query, const struct words *words)
{
	bson_t condition, all;
	bool fits = BSON_APPEND_DOCUMENT_BEGIN(query, "words", &condition) &&
	    BSON_APPEND_ARRAY_BEGIN(&condition, "$all", &all);

	for (size_t i = 0; fits && i < words->count; i++) {
		char text[16];
		const char *at;

		bson_uint32_to_string((uint32_t)i, &at, text, sizeof(text));
		fits = mongo_put_text(&all, at, words->list[i]);
	}
	return fits && bson_append_array_end(&condition, &all) &&
	    bson_append_document_end(query, &condition);
}

static bool
put_text_unless_null(bson_t *query, const char *name, const char *text)
{
	return text == NULL || mongo_put_text(query, name, text);
}

/* Amounts are whole: "below the next one", as SecantusDB's $lte leaves out what is equal where the
 * index goes on with further fields. */
static bool
put_bounds(bson_t *query, const struct item_filter *filter)
{
	bson_t bounds;

	if (!filter->has_min_price && !filter->has_max_price)
		return true;
	return BSON_APPEND_DOCUMENT_BEGIN(query, "price.amount", &bounds) &&
	    (!filter->has_min_price || BSON_APPEND_INT64(&bounds, "$gte", filter->min_price)) &&
	    (!filter->has_max_price || BSON_APPEND_INT64(&bounds, "$lt", filter->max_price + 1)) &&
	    bson_append_document_end(query, &bounds);
}

static bool
put_filter(bson_t *query, const struct item_filter *filter)
{
	bool fits = mongo_put_text(query, "status", item_status_text(ITEM_ACTIVE)) &&
	    put_text_unless_null(query, "category", filter->category) &&
	    put_text_unless_null(query, "tags", filter->tag) &&
	    put_text_unless_null(query, "price.currency", filter->currency) &&
	    (!filter->has_seller || mongo_put_text(query, "seller_id", filter->seller_id.text)) &&
	    (filter->words.count == 0 || put_all_words(query, &filter->words)) &&
	    put_bounds(query, filter);

	if (fits && filter->has_in_stock)
		BCON_APPEND(
		    query, "stock", "{", filter->in_stock ? "$gt" : "$lte", BCON_INT64(0), "}");
	return fits;
}

/* The sort key of the last row shown, or, where it is a number, NEXT to it, under OPERATOR. */
static bool
put_after(bson_t *document, const char *operator, const struct sort_row * row,
    const struct page *page, int64_t next)
{
	const int64_t number = page->after_number + next;

	if (page->after_text != NULL)
		return mongo_put_text(document, operator, page->after_text);
	if (row == &sort_rows[ITEM_SORT_CREATED] || row == &sort_rows[ITEM_SORT_CREATED_DOWN])
		return bson_append_date_time(document, operator, - 1, number);
	return bson_append_int64(document, operator, - 1, number);
}

static bool
put_comparison(bson_t *document, const char *operator, const struct sort_row * row,
    const struct page *page, int64_t next)
{
	bson_t condition;

	return bson_append_document_begin(document, row->field, -1, &condition) &&
	    put_after(&condition, operator, row, page, next) &&
	    bson_append_document_end(document, &condition);
}

/*
 * Rows after the last one shown: key beyond, or key equal and id beyond.  The bound on the key
 * alone says nothing more, but lets the server begin in the index where the page begins.  Downwards
 * keys are numbers; "below the next one" as in put_bounds.
 */
static bool
put_page(bson_t *query, const struct sort_row *row, const struct page *page)
{
	const char *beyond = row->down ? "$lt" : "$gt";
	bson_t list, bound, either, alternatives, one, other, id;

	return BSON_APPEND_ARRAY_BEGIN(query, "$and", &list) &&
	    BSON_APPEND_DOCUMENT_BEGIN(&list, "0", &bound) &&
	    (row->down ? put_comparison(&bound, "$lt", row, page, 1)
		       : put_comparison(&bound, "$gte", row, page, 0)) &&
	    bson_append_document_end(&list, &bound) &&
	    BSON_APPEND_DOCUMENT_BEGIN(&list, "1", &either) &&
	    BSON_APPEND_ARRAY_BEGIN(&either, "$or", &alternatives) &&
	    BSON_APPEND_DOCUMENT_BEGIN(&alternatives, "0", &one) &&
	    put_comparison(&one, beyond, row, page, 0) &&
	    bson_append_document_end(&alternatives, &one) &&
	    BSON_APPEND_DOCUMENT_BEGIN(&alternatives, "1", &other) &&
	    put_after(&other, row->field, row, page, 0) &&
	    BSON_APPEND_DOCUMENT_BEGIN(&other, "_id", &id) &&
	    mongo_put_text(&id, beyond, page->after_id.text) &&
	    bson_append_document_end(&other, &id) &&
	    bson_append_document_end(&alternatives, &other) &&
	    bson_append_array_end(&either, &alternatives) &&
	    bson_append_document_end(&list, &either) && bson_append_array_end(query, &list);
}

enum err
item_query_build(
    const struct item_filter *filter, const struct page *page, bson_t **query, bson_t **sort)
{
	const struct sort_row *row = &sort_rows[filter->sort];
	const int direction = row->down ? -1 : 1;

	*query = bson_new();
	*sort = BCON_NEW(row->field, BCON_INT32(direction), "_id", BCON_INT32(direction));
	if (!put_filter(*query, filter) || (page->has_after && !put_page(*query, row, page)))
		return ERR_MEMORY;
	return ERR_OK;
}

struct walk {
	struct arena *arena;
	enum item_sort sort;
	enum err (*each)(
	    void *context, const struct item *item, const struct page_key *key, bool *stop);
	void *context;
};

static enum err
visit(void *context, const bson_t *document, bool *stop)
{
	struct walk *walk = context;
	struct page_key key = {.number = 0};
	struct item item;

	TRY(item_from_document(walk->arena, document, &item));
	key.id = item.id;
	if (walk->sort == ITEM_SORT_NAME)
		TRY(mongo_get_text(document, "name_key", &key.text));
	else if (walk->sort == ITEM_SORT_PRICE || walk->sort == ITEM_SORT_PRICE_DOWN)
		key.number = item.price.amount_minor;
	else
		key.number = item.created_at_ms;
	return walk->each(walk->context, &item, &key, stop);
}

enum err
item_query_run(struct item_store *store, const struct deadline *deadline, struct arena *arena,
    const struct item_filter *filter, const struct page *page,
    enum err (*each)(
	void *context, const struct item *item, const struct page_key *key, bool *stop),
    void *context)
{
	auto_bson bson_t *query = NULL;
	auto_bson bson_t *sort = NULL;
	auto_bson bson_t *fields = item_fields_new();
	struct mongo_find find = {.fields = fields, .limit = page->limit + 1};
	struct walk walk = {
	    .arena = arena,
	    .sort = filter->sort,
	    .each = each,
	    .context = context,
	};

	TRY(item_query_build(filter, page, &query, &sort));
	find.filter = query;
	find.sort = sort;
	return mongo_find_each(store->items, deadline, &find, visit, &walk);
}

#include "fcgi/items/order_query.h"

#include "fcgi/items/order_document.h"

struct walk {
	struct arena *arena;
	enum err (*each)(
	    void *context, const struct order *order, const struct page_key *key, bool *stop);
	void *context;
};

static enum err
visit(void *context, const bson_t *document, bool *stop)
{
	struct walk *walk = context;
	struct page_key key = {.text = NULL};
	struct order order;

	TRY(order_from_document(walk->arena, document, &order));
	key.number = order.created_at_ms;
	key.id = order.id;
	return walk->each(walk->context, &order, &key, stop);
}

static bson_t *
sales_of(const struct order_filter *filter)
{
	char sale[ORDER_SALE_SIZE];

	order_sale_key(&filter->account_id, filter->has_status ? &filter->status : NULL, sale);
	return BCON_NEW("sales", BCON_UTF8(sale));
}

static bson_t *
purchases_of(const struct order_filter *filter)
{
	if (filter->has_status)
		return BCON_NEW("buyer_id", BCON_UTF8(filter->account_id.text), "status",
		    BCON_UTF8(order_status_texts[filter->status]));
	return BCON_NEW("buyer_id", BCON_UTF8(filter->account_id.text), "listed", BCON_BOOL(true));
}

enum err
order_query_build(
    const struct order_filter *filter, const struct page *page, bson_t **query, bson_t **sort)
{
	*query = filter->sales ? sales_of(filter) : purchases_of(filter);
	*sort = BCON_NEW("created_at", BCON_INT32(-1), "_id", BCON_INT32(-1));
	TRY_ALLOC(*query);
	TRY_ALLOC(*sort);
	if (page->has_after)
		BCON_APPEND(*query, "created_at", "{", "$lt",
		    BCON_DATE_TIME(page->after_number + 1), "}", "$or", "[", "{", "created_at", "{",
		    "$lt", BCON_DATE_TIME(page->after_number), "}", "}", "{", "created_at",
		    BCON_DATE_TIME(page->after_number), "_id", "{", "$lt",
		    BCON_UTF8(page->after_id.text), "}", "}", "]");
	return ERR_OK;
}

enum err
order_query_run(struct order_store *store, const struct deadline *deadline, struct arena *arena,
    const struct order_filter *filter, const struct page *page,
    enum err (*each)(
	void *context, const struct order *order, const struct page_key *key, bool *stop),
    void *context)
{
	auto_bson bson_t *query = NULL;
	auto_bson bson_t *sort = NULL;
	auto_bson bson_t *fields = order_fields_new();
	struct mongo_find find = {.fields = fields, .limit = page->limit + 1};
	struct walk walk = {.arena = arena, .each = each, .context = context};

	TRY(order_query_build(filter, page, &query, &sort));
	find.filter = query;
	find.sort = sort;
	return mongo_find_each(store->orders, deadline, &find, visit, &walk);
}

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

enum err
order_query_run(struct order_store *store, const struct deadline *deadline, struct arena *arena,
    const struct order_filter *filter, const struct page *page,
    enum err (*each)(
	void *context, const struct order *order, const struct page_key *key, bool *stop),
    void *context)
{
	auto_bson bson_t *query = BCON_NEW("buyer_id", BCON_UTF8(filter->buyer_id.text));
	auto_bson bson_t *sort = BCON_NEW("created_at", BCON_INT32(-1), "_id", BCON_INT32(-1));
	auto_bson bson_t *fields = order_fields_new();
	struct mongo_find find = {
	    .filter = query,
	    .sort = sort,
	    .fields = fields,
	    .limit = page->limit + 1,
	};
	struct walk walk = {.arena = arena, .each = each, .context = context};

	if (filter->has_status)
		BCON_APPEND(query, "status", BCON_UTF8(order_status_texts[filter->status]));
	else
		BCON_APPEND(
		    query, "status", "{", "$ne", BCON_UTF8(order_status_texts[ORDER_FAILED]), "}");
	if (page->has_after)
		BCON_APPEND(query, "created_at", "{", "$lt", BCON_DATE_TIME(page->after_number + 1),
		    "}", "$or", "[", "{", "created_at", "{", "$lt",
		    BCON_DATE_TIME(page->after_number), "}", "}", "{", "created_at",
		    BCON_DATE_TIME(page->after_number), "_id", "{", "$lt",
		    BCON_UTF8(page->after_id.text), "}", "}", "]");
	return mongo_find_each(store->orders, deadline, &find, visit, &walk);
}

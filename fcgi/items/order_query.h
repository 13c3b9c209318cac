/*
 * items/order_query: a buyer's orders and a seller's sales, newest first, each by an index.
 *
 * Layer: domain, store.
 */
#ifndef FCGI_ITEMS_ORDER_QUERY_H
#define FCGI_ITEMS_ORDER_QUERY_H

#include "fcgi/items/order_store.h"
#include "shared/edge/page.h"

struct order_filter {
	bool sales; /* orders that hold items of the account; else those that it placed */
	struct id account_id;
	bool has_status; /* false: all but failed ones, which are no sales anyway */
	enum order_status status;
};

/* As item_query_run; pages go by time of creation. */
MUST_USE enum err order_query_run(struct order_store *store, const struct deadline *deadline,
    struct arena *arena, const struct order_filter *filter, const struct page *page,
    enum err (*each)(
	void *context, const struct order *order, const struct page_key *key, bool *stop),
    void *context);

/* The query's filter and sort, as sent: for a test that holds them against the indexes. */
MUST_USE enum err order_query_build(
    const struct order_filter *filter, const struct page *page, bson_t **query, bson_t **sort);

#endif

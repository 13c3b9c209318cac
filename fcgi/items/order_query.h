/*
 * items/order_query: a buyer's orders, newest first.
 *
 * Layer: domain, store.
 */
#ifndef FCGI_ITEMS_ORDER_QUERY_H
#define FCGI_ITEMS_ORDER_QUERY_H

#include "fcgi/items/order_store.h"
#include "shared/edge/page.h"

struct order_filter {
	struct id buyer_id;
	bool has_status; /* false: all but failed ones */
	enum order_status status;
};

/* As item_query_run; pages go by time of creation. */
MUST_USE enum err order_query_run(struct order_store *store, const struct deadline *deadline,
    struct arena *arena, const struct order_filter *filter, const struct page *page,
    enum err (*each)(
	void *context, const struct order *order, const struct page_key *key, bool *stop),
    void *context);

#endif

/*
 * items/return_store: stock that comes back from cancelled and refunded orders, on the items' side.
 *
 * Layer: domain, store.  An item carries `returned: [{order_id, buyer_id, at}]`: giving stock back
 * raises `stock` and sets this marker in one atomic write, guarded by its absence, so that it
 * happens once however often it is tried.  An item stands in one line of an order alone, which
 * comes back once in its life.
 */
#ifndef FCGI_ITEMS_RETURN_STORE_H
#define FCGI_ITEMS_RETURN_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "fcgi/items/item_store.h"

struct stock_return {
	struct id item_id;
	struct id order_id;
	struct id buyer_id;
	int64_t quantity;
};

/* Gives the stock back unless that was done before; to an archived item, too. */
MUST_USE enum err return_give(struct item_store *store, const struct deadline *deadline,
    const struct stock_return *stock, int64_t now_ms);
/* Markers set before BEFORE_MS, at most MAX, into OUT; their quantity is not known. */
MUST_USE enum err return_list_markers(struct item_store *store, const struct deadline *deadline,
    int64_t before_ms, struct stock_return *out, size_t max, size_t *count);
/* Removes those markers, which are COUNT > 0 of one item. */
MUST_USE enum err return_remove_markers(struct item_store *store, const struct deadline *deadline,
    const struct stock_return *markers, size_t count);

#endif

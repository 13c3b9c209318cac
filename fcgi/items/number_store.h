/*
 * items/number_store: who takes which order numbers.
 *
 * Layer: domain, store.  One document, {_id: "order_number", key, next}, has the secret of the
 * shuffle and the next free place.  A worker takes a block of places by one write, and numbers its
 * orders from it: so numbers are unique without a unique index over all orders, which a collection
 * sharded by buyer could not have.  What is left of a block when its worker ends is never used.
 */
#ifndef FCGI_ITEMS_NUMBER_STORE_H
#define FCGI_ITEMS_NUMBER_STORE_H

#include "fcgi/items/order_number.h"
#include "shared/infra/mongo_ops.h"

#define COUNTERS_COLLECTION "counters"

struct number_store {
	mongoc_collection_t *counters;
	uint8_t key[ORDER_NUMBER_KEY_BYTES];
	int64_t next, end; /* places of the block that are left */
};

void number_store_init(const struct mongo *mongo, struct number_store *out);
/* May run twice. */
void number_store_fini(struct number_store *store);

/* A number that no order has.  ERR_INTERNAL: there are none left. */
MUST_USE enum err number_store_take(
    struct number_store *store, const struct deadline *deadline, char out[ORDER_NUMBER_SIZE]);

#endif

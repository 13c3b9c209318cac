/*
 * items/order_document: orders as BSON documents, both ways.
 *
 * Layer: domain, store.
 *
 *   {_id, number, buyer_id, status, hold_id, lines: [{item_id, quantity, status, seller_id, name,
 *    unit_price, total, tracking}], total, history: [{status, at, by}], created_at, updated_at,
 *    version, expires_at (while pending), idempotency, pending_events, relay}
 */
#ifndef FCGI_ITEMS_ORDER_DOCUMENT_H
#define FCGI_ITEMS_ORDER_DOCUMENT_H

#include <bson/bson.h>
#include <stdbool.h>

#include "fcgi/items/order.h"
#include "shared/base/arena.h"
#include "shared/base/err.h"

/* Appends `lines`; `history`; one step under NAME.  False: the document is full. */
bool order_put_lines(bson_t *document, const struct order *order);
bool order_put_history(bson_t *document, const struct order *order);
bool order_put_step(bson_t *document, const char *name, const struct order_step *step);

/* The fields that make up an order. */
bson_t *order_fields_new(void);
/* Everything is copied into ARENA.  ERR_CORRUPT, ERR_MEMORY. */
MUST_USE enum err order_from_document(
    struct arena *arena, const bson_t *document, struct order *out);

#endif

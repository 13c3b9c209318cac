/*
 * items/order_document: orders as BSON documents, both ways.
 *
 * Layer: domain, store.
 *
 *   {_id, number, buyer_id, status, listed, hold_id, lines: [{item_id, quantity, status,
 *    seller_id, name, unit_price, total, tracking, returned}], total, history: [{status, at, by,
 *    lines}], created_at, updated_at, version, expires_at (while pending), sales, returns,
 *    idempotency, pending_events, relay}
 *
 * `listed` says that its buyer's list shows it without being asked for its status: all but failed
 * ones.  `sales` is what a seller's list finds the order by: for each seller in it "SELLER" and
 * "SELLER STATUS", the status being that of their lines.  `returns` is [{item_id, quantity, at}]:
 * stock that is due back, until its item has it.
 */
#ifndef FCGI_ITEMS_ORDER_DOCUMENT_H
#define FCGI_ITEMS_ORDER_DOCUMENT_H

#include <bson/bson.h>
#include <stdbool.h>

#include "fcgi/items/order.h"
#include "shared/base/arena.h"
#include "shared/base/err.h"

/* Appends `status` and `listed`; `lines`; `sales`; `history`; one step under NAME.  False: the
 * document is full.  Whoever changes what is derived, `listed` and `sales`, counts BACKFILL_FORM
 * (backfill.h) up. */
bool order_put_status(bson_t *document, const struct order *order);
bool order_put_lines(bson_t *document, const struct order *order);
bool order_put_sales(bson_t *document, const struct order *order);
bool order_put_history(bson_t *document, const struct order *order);
bool order_put_step(bson_t *document, const char *name, const struct order_step *step);

#define ORDER_SALE_SIZE 64

/* What `sales` has for SELLER's lines, of any status when STATUS is NULL. */
void order_sale_key(
    const struct id *seller, const enum order_status *status, char out[ORDER_SALE_SIZE]);

/* The fields that make up an order. */
bson_t *order_fields_new(void);
/* Everything is copied into ARENA.  ERR_CORRUPT, ERR_MEMORY. */
MUST_USE enum err order_from_document(
    struct arena *arena, const bson_t *document, struct order *out);

#endif

/*
 * items/order_wire: orders as JSON: a request's body to a draft, an order to what the API shows.
 *
 * Layer: domain, wire.
 */
#ifndef FCGI_ITEMS_ORDER_WIRE_H
#define FCGI_ITEMS_ORDER_WIRE_H

#include "fcgi/items/order_transition.h"
#include "shared/base/arena.h"
#include "shared/base/buf.h"
#include "shared/base/str.h"
#include "shared/edge/event.h"
#include "shared/edge/json.h"

/* The body of POST /buy/{id}, which may be empty: a draft of one line.  ERR_MALFORMED,
 * ERR_VALIDATION with every fault. */
MUST_USE enum err order_draft_read_buy(struct arena *arena, const struct id *item, struct span body,
    struct fault *fault, struct order_draft *out);

/* The body of POST /order: 1 to ORDER_LINES_MAX lines, each item once.  As above. */
MUST_USE enum err order_draft_read(
    struct arena *arena, struct span body, struct fault *fault, struct order_draft *out);

/* The bodies of POST /order/{id}/…, each of which may be empty.  As above. */
MUST_USE enum err order_wish_read(struct arena *arena, struct span body, enum order_move move,
    struct fault *fault, struct order_wish *out);

/* The order as the API shows it; KEY is NULL at the top and in arrays.  What a pending or failed
 * order does not know of its lines is null. */
void order_write(struct json_writer *w, const char *key, const struct order *order);
/* The event order.created, its envelope and {"order": …}. */
void order_write_event(struct buf *buf, const struct event_head *head, const struct order *order);
/* The event of a step, and {"order": …, "lines": ["item id", …]}: LINES are those that it moved. */
void order_write_step_event(
    struct buf *buf, const struct event_head *head, const struct order *order, uint64_t lines);

#endif

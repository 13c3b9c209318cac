/*
 * items/order_transition: what may become of an order once it is placed, and who may do it.
 *
 * Layer: domain, pure.
 *
 *   cancel    buyer            every line  confirmed → cancelled
 *   ship      seller or admin  own lines   confirmed → shipped
 *   deliver   seller or admin  own lines   shipped → delivered
 *   refund    seller or admin  own lines   confirmed, shipped, delivered → refunded
 *
 * A seller's own lines are those that are theirs, an admin's are all.  A step moves those of them
 * that are in a state for it; there must be one, and a cancellation must find all so.
 */
#ifndef FCGI_ITEMS_ORDER_TRANSITION_H
#define FCGI_ITEMS_ORDER_TRANSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/items/order.h"

#define ORDER_TRACKING_MAX 200

enum order_move { ORDER_CANCEL, ORDER_SHIP, ORDER_DELIVER, ORDER_REFUND };

struct order_wish {
	enum order_move move;
	const char *tracking; /* with ORDER_SHIP, or NULL */
	bool restock;         /* with ORDER_REFUND: what was shipped is back in stock, too */
};

struct order_transition {
	struct order order;     /* as it will be, one version on, with the step in its history */
	uint64_t lines;         /* that it moves: bit i is the line at i */
	uint64_t returns;       /* whose stock it gives back */
	const char *event_type; /* "order.shipped" */
};

/* ERR_NOT_FOUND to who may not see the order, ERR_FORBIDDEN to who may not take this step,
 * ERR_TRANSITION: the lines are not in a state for it, and FAULT tells in which one is. */
MUST_USE enum err order_transition_make(struct arena *arena, const struct order *order,
    const struct order_wish *wish, const struct principal *principal, int64_t now_ms,
    struct fault *fault, struct order_transition *out);
/* Is the transition's step, at its place in the history, part of ORDER, as it was read again? */
bool order_transition_is_in(const struct order_transition *transition, const struct order *order);

#endif

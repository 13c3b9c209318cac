/*
 * items/order_flow: cancelling, shipping, delivering, refunding.
 *
 * Layer: domain.  A step is one compare-and-set of the order, guarded by its version, which carries
 * the event and lists the stock that is due back: the commit point.  The stock follows before the
 * answer if it can, and by the sweeper if not.
 */
#ifndef FCGI_ITEMS_ORDER_FLOW_H
#define FCGI_ITEMS_ORDER_FLOW_H

#include "fcgi/items/call.h"
#include "fcgi/items/order_transition.h"
#include "fcgi/items/shop.h"

/* Takes the step; *out is the whole order after it.  ERR_NOT_FOUND, ERR_FORBIDDEN, ERR_TRANSITION.
 * ERR_UNAVAILABLE, ERR_DEADLINE: it may have been taken. */
MUST_USE enum err order_flow_move(struct shop *shop, const struct call *call, const struct id *id,
    const struct order_wish *wish, struct order *out);

#endif

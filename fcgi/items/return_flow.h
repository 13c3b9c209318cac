/*
 * items/return_flow: stock comes back from an order that was cancelled or refunded.
 *
 * Layer: domain.  The order's own write lists what is due (order_store_move); each line is then
 * given back to its item, and when all are, the order forgets them.  Whatever dies in between is
 * done by the sweeper, which may meet the original or another sweeper at it: the marker that the
 * item sets with its stock lets one of them through.  The marker goes after a quarter of an hour,
 * far longer than any request or sweep lives, and only once the order has forgotten the line: kept
 * for a day, those of one account that buys and cancels without end would outgrow the item.
 */
#ifndef FCGI_ITEMS_RETURN_FLOW_H
#define FCGI_ITEMS_RETURN_FLOW_H

#include <stdint.h>

#include "fcgi/items/order_store.h"
#include "fcgi/items/shop.h"

#define RETURN_MARKER_KEPT_MS ((int64_t)15 * 60 * 1000)

/* Gives all of RETURNS back. */
MUST_USE enum err return_flow_give(struct shop *shop, const struct deadline *deadline,
    const struct due_return *returns, int64_t now_ms);
/* Those that have been due for longer than a request takes; *count is added to. */
MUST_USE enum err return_flow_sweep(
    struct shop *shop, const struct deadline *deadline, int64_t now_ms, int64_t *count);
/* Removes all markers that were kept long enough; ERR_DEADLINE: some are left to the next sweep. */
MUST_USE enum err return_flow_sweep_markers(
    struct shop *shop, const struct deadline *deadline, int64_t now_ms);

#endif

/*
 * items/settle_flow: reservations end whose stock is sold, and the seller hears when it is low.
 *
 * Layer: domain.  Stock counts as sold when its order is confirmed, not when it is reserved: a
 * reservation that is released is no sale, and tells nothing.  So the bound is crossed where the
 * reservation of a confirmed order is removed, and item.low_stock is part of that write, in the
 * trace of the purchase.  A reservation stands until it was removed so: whoever dies before leaves
 * it to the sweeper.
 */
#ifndef FCGI_ITEMS_SETTLE_FLOW_H
#define FCGI_ITEMS_SETTLE_FLOW_H

#include "fcgi/items/reservation_store.h"
#include "fcgi/items/shop.h"

/* What is gone already is left alone. */
MUST_USE enum err settle_sold(struct shop *shop, const struct deadline *deadline,
    struct arena *arena, int64_t now_ms, const struct sold *sold);

#endif

/*
 * items/purchase_claim: a purchase's first step: the pending order, and with it the request's key.
 *
 * Layer: domain.  A key stands for one order for as long as it is kept.  Whoever repeats the
 * request while the first one runs is told so; once that one gave up or died, unanswered, and its
 * order has failed, the repeated request takes this very order over under a new hold.
 */
#ifndef FCGI_ITEMS_PURCHASE_CLAIM_H
#define FCGI_ITEMS_PURCHASE_CLAIM_H

#include "fcgi/items/call.h"
#include "fcgi/items/order_store.h"
#include "fcgi/items/purchase_flow.h"
#include "fcgi/items/shop.h"

/*
 * ERR_OK: either the order is pending and this attempt's, or RESULT holds the answer that the key
 * was given before (replayed).  ERR_IDEMPOTENCY_REUSED, ERR_IDEMPOTENCY_RUNNING.
 */
MUST_USE enum err purchase_claim(struct shop *shop, const struct call *call,
    const struct order_draft *draft, struct order_attempt *out, struct purchase_result *result);

#endif

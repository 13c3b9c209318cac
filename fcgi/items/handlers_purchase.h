/*
 * items/handlers_purchase: POST /buy/{id}, POST /order.
 *
 * Layer: domain, handlers.  Both: 201 and the order.  ERR_EMAIL_UNVERIFIED; ERR_NOT_FOUND,
 * ERR_STOCK (fault: available), ERR_PRICE_CHANGED (fault: price), with the item in the fault;
 * ERR_VALIDATION, ERR_IDEMPOTENCY_*, ERR_UNAVAILABLE.
 */
#ifndef FCGI_ITEMS_HANDLERS_PURCHASE_H
#define FCGI_ITEMS_HANDLERS_PURCHASE_H

#include "shared/edge/route.h"

/* One item, one unless the body says more. */
MUST_USE enum err handle_buy_item(const struct app *app, struct request *rq, struct response *rs);
/* Up to fifty lines, all or none. */
MUST_USE enum err handle_create_order(
    const struct app *app, struct request *rq, struct response *rs);

#endif

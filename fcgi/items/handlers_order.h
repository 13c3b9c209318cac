/*
 * items/handlers_order: /buy, /order.
 *
 * Layer: domain, handlers.
 */
#ifndef FCGI_ITEMS_HANDLERS_ORDER_H
#define FCGI_ITEMS_HANDLERS_ORDER_H

#include "shared/edge/route.h"

/* POST /buy/{id}: 201 and the order.  ERR_NOT_FOUND, ERR_STOCK (fault: available),
 * ERR_PRICE_CHANGED (fault: price), ERR_VALIDATION, ERR_IDEMPOTENCY_*, ERR_UNAVAILABLE. */
MUST_USE enum err handle_buy_item(const struct app *app, struct request *rq, struct response *rs);
/* GET /order: 200 and a page of the caller's orders.  ERR_VALIDATION. */
MUST_USE enum err handle_list_orders(
    const struct app *app, struct request *rq, struct response *rs);
/* GET /order/{id}: 200 and what the caller may see of the order, or 304.  ERR_NOT_FOUND. */
MUST_USE enum err handle_get_order(const struct app *app, struct request *rq, struct response *rs);

#endif

/*
 * items/handlers_order: what becomes of an order once it is placed.
 *
 * Layer: domain, handlers.
 */
#ifndef FCGI_ITEMS_HANDLERS_ORDER_H
#define FCGI_ITEMS_HANDLERS_ORDER_H

#include "shared/edge/route.h"

/* GET /order: 200 and a page of the caller's orders.  ERR_VALIDATION. */
MUST_USE enum err handle_list_orders(
    const struct app *app, struct request *rq, struct response *rs);
/* GET /sale: 200 and a page of the orders that hold items of the caller, those lines alone.
 * ERR_VALIDATION. */
MUST_USE enum err handle_list_sales(const struct app *app, struct request *rq, struct response *rs);
/* GET /order/{id}: 200 and what the caller may see of the order, or 304.  ERR_NOT_FOUND. */
MUST_USE enum err handle_get_order(const struct app *app, struct request *rq, struct response *rs);
/* POST /order/{id}/cancel, /ship, /deliver, /refund: 200 and what the caller may see of the order.
 * ERR_NOT_FOUND, ERR_FORBIDDEN, ERR_TRANSITION, ERR_VALIDATION, ERR_UNAVAILABLE. */
MUST_USE enum err handle_cancel_order(
    const struct app *app, struct request *rq, struct response *rs);
MUST_USE enum err handle_ship_order(const struct app *app, struct request *rq, struct response *rs);
MUST_USE enum err handle_deliver_order(
    const struct app *app, struct request *rq, struct response *rs);
MUST_USE enum err handle_refund_order(
    const struct app *app, struct request *rq, struct response *rs);

#endif

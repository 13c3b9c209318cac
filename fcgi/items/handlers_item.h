/*
 * items/handlers_item: /item.
 *
 * Layer: domain, handlers.
 */
#ifndef FCGI_ITEMS_HANDLERS_ITEM_H
#define FCGI_ITEMS_HANDLERS_ITEM_H

#include "shared/edge/route.h"

/* POST /item: 201 and the item.  ERR_VALIDATION, ERR_IDEMPOTENCY_REUSED. */
MUST_USE enum err handle_create_item(
    const struct app *app, struct request *rq, struct response *rs);
/* GET /item: 200 and a page of the catalogue.  ERR_VALIDATION, ERR_TOKEN_MISSING. */
MUST_USE enum err handle_list_items(const struct app *app, struct request *rq, struct response *rs);
/* GET /item/{id}: 200 and the item, or 304.  ERR_NOT_FOUND, ERR_TOKEN_MISSING. */
MUST_USE enum err handle_get_item(const struct app *app, struct request *rq, struct response *rs);
/* PUT /item/{id}: 200 and the item.  ERR_NOT_FOUND, ERR_FORBIDDEN, ERR_PRECONDITION_REQUIRED,
 * ERR_PRECONDITION, ERR_VALIDATION. */
MUST_USE enum err handle_replace_item(
    const struct app *app, struct request *rq, struct response *rs);
/* PATCH /item/{id}: 200 and the item.  Likewise. */
MUST_USE enum err handle_update_item(
    const struct app *app, struct request *rq, struct response *rs);
/* POST /item/{id}/stock: 200 and the item.  ERR_NOT_FOUND, ERR_FORBIDDEN, ERR_PRECONDITION,
 * ERR_STOCK, ERR_VALIDATION. */
MUST_USE enum err handle_adjust_stock(
    const struct app *app, struct request *rq, struct response *rs);
/* DELETE /item/{id}: 204.  ERR_NOT_FOUND, ERR_FORBIDDEN, ERR_PRECONDITION. */
MUST_USE enum err handle_delete_item(
    const struct app *app, struct request *rq, struct response *rs);

#endif

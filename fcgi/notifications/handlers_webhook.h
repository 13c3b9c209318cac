/*
 * notifications/handlers_webhook: webhooks themselves.
 */
#ifndef FCGI_NOTIFICATIONS_HANDLERS_WEBHOOK_H
#define FCGI_NOTIFICATIONS_HANDLERS_WEBHOOK_H

#include "shared/edge/request.h"
#include "shared/edge/response.h"

struct app;

/* POST /webhook: 201 and the webhook with its secret.  ERR_VALIDATION, ERR_CONFLICT,
 * ERR_IDEMPOTENCY_RUNNING, ERR_IDEMPOTENCY_REUSED. */
enum err handle_create_webhook(const struct app *app, struct request *rq, struct response *rs);
/* GET /webhook: 200 and a page of the caller's. */
enum err handle_list_webhooks(const struct app *app, struct request *rq, struct response *rs);
/* GET /webhook/{id}: 200.  ERR_NOT_FOUND. */
enum err handle_get_webhook(const struct app *app, struct request *rq, struct response *rs);
/* PATCH /webhook/{id}: 200.  ERR_NOT_FOUND, ERR_VALIDATION. */
enum err handle_update_webhook(const struct app *app, struct request *rq, struct response *rs);
/* DELETE /webhook/{id}: 204.  ERR_NOT_FOUND. */
enum err handle_delete_webhook(const struct app *app, struct request *rq, struct response *rs);
/* POST /webhook/{id}/secret: 201 and a new secret.  ERR_NOT_FOUND. */
enum err handle_rotate_webhook_secret(
    const struct app *app, struct request *rq, struct response *rs);

#endif

/*
 * notifications/handlers_history: what was sent, to people and to their webhooks.
 */
#ifndef FCGI_NOTIFICATIONS_HANDLERS_HISTORY_H
#define FCGI_NOTIFICATIONS_HANDLERS_HISTORY_H

#include "shared/edge/request.h"
#include "shared/edge/response.h"

struct app;

/* GET /notification: 200 and a page of what was sent to the caller. */
enum err handle_list_notifications(const struct app *app, struct request *rq, struct response *rs);
/* GET /webhook/{id}/delivery: 200 and a page.  ERR_NOT_FOUND. */
enum err handle_list_deliveries(const struct app *app, struct request *rq, struct response *rs);
/* POST /webhook/{id}/delivery/{delivery_id}/redeliver: 202 and the delivery.  ERR_NOT_FOUND,
 * ERR_CONFLICT. */
enum err handle_redeliver(const struct app *app, struct request *rq, struct response *rs);
/* POST /webhook/{id}/ping: 202 and the delivery.  ERR_NOT_FOUND, ERR_CONFLICT. */
enum err handle_ping_webhook(const struct app *app, struct request *rq, struct response *rs);

#endif

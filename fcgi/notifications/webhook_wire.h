/*
 * notifications/webhook_wire: from JSON to webhooks that can't be wrong.
 *
 * Texts live in the request's arena.  ERR_MALFORMED or ERR_VALIDATION, with every fault of the body
 * in the request's fault.
 */
#ifndef FCGI_NOTIFICATIONS_WEBHOOK_WIRE_H
#define FCGI_NOTIFICATIONS_WEBHOOK_WIRE_H

#include "notifier/webhook_settings.h"
#include "notifier/webhook_store.h"
#include "shared/edge/request.h"

/* `url` and `events`, both required. */
MUST_USE enum err webhook_read_new(
    struct request *rq, const struct webhook_settings *settings, struct webhook_change *out);
/* Any of `url`, `events` and `status`; none may be null. */
MUST_USE enum err webhook_read_patch(
    struct request *rq, const struct webhook_settings *settings, struct webhook_change *out);

#endif

/*
 * notifications/webhook_flow: the use cases of webhooks that are more than one statement.
 *
 * Domain.  Whatever comes back as an error changed nothing.
 */
#ifndef FCGI_NOTIFICATIONS_WEBHOOK_FLOW_H
#define FCGI_NOTIFICATIONS_WEBHOOK_FLOW_H

#include "fcgi/notifications/call.h"
#include "notifier/webhook_store.h"
#include "shared/edge/idempotency.h"

struct app;

/* How outcomes become answers, to be kept with the work; called inside the transaction. */
struct webhook_answers {
	enum err (*created)(void *context, const struct webhook *webhook, const char *secret,
	    struct kept_answer *out);
	enum err (*refused)(void *context, enum err err, struct kept_answer *out);
	void *context;
};

/*
 * Makes a webhook of DRAFT's url and events, once for each key.  *REPLAYED: *OUT is the answer that
 * was kept.  ERR_VALIDATION: no address for a webhook; ERR_CONFLICT: the caller has too many;
 * ERR_IDEMPOTENCY_RUNNING, ERR_IDEMPOTENCY_REUSED.
 */
MUST_USE enum err webhook_create(const struct app *app, const struct call *call,
    const struct idempotency *idempotency, const struct webhook_change *draft,
    const struct webhook_answers *answers, struct kept_answer *out, bool *replayed);

struct webhook_guard { /* may the webhook be changed as it is?  An error refuses */
	enum err (*check)(void *context, const struct webhook *webhook);
	void *context;
};

/* ERR_NOT_FOUND, ERR_VALIDATION; the guard's error. */
MUST_USE enum err webhook_update(const struct app *app, const struct call *call,
    const struct id *id, const struct webhook_change *change, const struct webhook_guard *guard,
    struct webhook *out);
/* ERR_NOT_FOUND; the guard's error. */
MUST_USE enum err webhook_remove(
    const struct call *call, const struct id *id, const struct webhook_guard *guard);

/* *SECRET signs from now on.  ERR_NOT_FOUND. */
MUST_USE enum err webhook_new_secret(
    const struct call *call, const struct id *id, const char **secret);

/* Makes a delivery of an event `webhook.ping`; *OUT its id.  ERR_NOT_FOUND, ERR_CONFLICT: the
 * webhook is disabled. */
MUST_USE enum err webhook_ping(const struct call *call, const struct id *id, struct id *out);

#endif

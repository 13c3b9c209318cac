/*
 * notifications/request_store: answers kept under an Idempotency-Key, in PostgreSQL.
 *
 * Store.  All inside the transaction of the work itself, so that there is an answer exactly when
 * the work was done.  Errors are pg_run's.
 */
#ifndef FCGI_NOTIFICATIONS_REQUEST_STORE_H
#define FCGI_NOTIFICATIONS_REQUEST_STORE_H

#include "fcgi/notifications/call.h"
#include "shared/edge/idempotency.h"

/*
 * Claims the caller's key until the transaction ends.  *KEPT tells whether there is an answer,
 * which *OUT is then (in the arena).  ERR_IDEMPOTENCY_RUNNING: another request holds it;
 * ERR_IDEMPOTENCY_REUSED: it was another request's.
 */
MUST_USE enum err request_store_claim(const struct call *call,
    const struct idempotency *idempotency, struct kept_answer *out, bool *kept);
/* Keeps the answer, and forgets some whose time is over. */
MUST_USE enum err request_store_keep(const struct call *call, const struct idempotency *idempotency,
    const struct kept_answer *answer);

#endif

/*
 * auth/rate_store: limits by address that all pods share, by GCRA in PostgreSQL.  One round trip; a
 * worker's own thread.
 */
#ifndef FCGI_AUTH_RATE_STORE_H
#define FCGI_AUTH_RATE_STORE_H

#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/edge/ratelimit.h"
#include "shared/infra/pg.h"

/* Counts one request of KEY under POLICY, on the database's clock.  Errors are those of pg_run. */
MUST_USE enum err rate_store_take(struct pg *pg, const struct deadline *deadline,
    const struct rate_policy *policy, const char *key, struct rate_state *out);

#endif

/*
 * auth/throttle_store: failed sign-ins in a row, counted by address in PostgreSQL, whether there is
 * an account of it or not.  A worker's own thread.
 */
#ifndef FCGI_AUTH_THROTTLE_STORE_H
#define FCGI_AUTH_THROTTLE_STORE_H

#include <stdint.h>

#include "fcgi/auth/call.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/infra/pg.h"

struct login_failure {
	const char *account_hash;
	const struct id *user_id; /* NULL: there is no such account; it is audited all the same */
	struct id audit_id;
	struct client client;
};

/*
 * Counts a failure and audits it.  From the fifth in a row on, each locks: 30 s, doubling to 15
 * minutes; a day without one begins anew.  ERR_ACCOUNT_LOCKED: it was locked already, by another
 * attempt that ran beside this one, which is not counted then; *LOCKED_MS tells for how long.
 */
MUST_USE enum err throttle_store_fail(struct pg *pg, const struct deadline *deadline,
    const struct login_failure *failure, int64_t *locked_ms);

#endif

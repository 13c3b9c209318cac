/*
 * auth/throttle_store: failed sign-ins in a row, counted by bucket (throttle.h) in PostgreSQL, so
 * for all pods together, whether there is such an account or not.  A worker's own thread.
 */
#ifndef FCGI_AUTH_THROTTLE_STORE_H
#define FCGI_AUTH_THROTTLE_STORE_H

#include <stdint.h>

#include "fcgi/auth/call.h"
#include "fcgi/auth/throttle.h"
#include "fcgi/auth/user_event.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/infra/pg.h"

/* A part of a WITH: forgets the failures in the buckets of PARAMETER, a text[].  Rows are locked in
 * the order in which failures are counted. */
#define THROTTLE_FORGIVE(parameter)                                                                \
	"counted AS ("                                                                             \
	"  SELECT bucket FROM login_failures WHERE bucket = ANY (" parameter "::text[])"           \
	"  ORDER BY bucket FOR UPDATE"                                                             \
	"), forgiven AS ("                                                                         \
	"  DELETE FROM login_failures f USING counted WHERE f.bucket = counted.bucket"             \
	")"

struct login_failure {
	const struct throttle *throttle;
	const struct id *user_id;  /* NULL: there is no such account; it is audited all the same */
	const struct id *actor_id; /* NULL: nobody who was signed in */
	const char *action;        /* for the audit */
	const char *factor;        /* what was wrong: "password", "code" */
	/* Tells USER_ID that their account is locked from everywhere, once a day; NULL: it does
	 * not. */
	const struct user_event *event;
	struct id audit_id;
	struct client client;
};

/* For how long HOLDS (struct throttle) refuses; 0: it does not. */
MUST_USE enum err throttle_store_locked(
    struct pg *pg, const struct deadline *deadline, const char *holds, int64_t *locked_ms);
/* The end of a run of failures, in the buckets COUNTS (struct throttle). */
MUST_USE enum err throttle_store_forgive(
    struct pg *pg, const struct deadline *deadline, const char *counts);
/*
 * Counts a failure and audits it.  From the fifth in a row on, each locks: 30 s, doubling to 15
 * minutes; for an account from everywhere from the fiftieth on; a day without one begins anew.
 * ERR_ACCOUNT_LOCKED: what holds this attempt up was locked already, by others that ran beside it;
 * *LOCKED_MS tells for how long.
 */
MUST_USE enum err throttle_store_fail(struct pg *pg, const struct deadline *deadline,
    const struct login_failure *failure, int64_t *locked_ms);

#endif

/*
 * infra/pg: a thin client of PostgreSQL (14 or later) over libpq.
 *
 * Layer: infra.  One struct pg is one connection and belongs to one thread.  It connects on first
 * use, and again after it broke (with a jittered pause between failed tries), so that a lost server
 * costs each request a 503 and nothing else.  Every call ends by its deadline: what is sent is
 * awaited with poll, and at the deadline the connection is dropped; the server ends the statement
 * then by its statement_timeout.  (PQcancel is not used: it blocks without limit on a server that
 * hangs.  Resolving a host's name is libpq's blocking getaddrinfo, bounded by resolv.conf.)
 * A statement costs one round trip: it is prepared once a connection, by the address of its struct,
 * and its Parse, like the BEGIN before it, travels in one pipeline with its first execution.
 * Behind a pooler of transactions (pg_url.h) nothing of a session holds: statements are not
 * prepared, the server's own settings end what is left behind, and pg_listen looks twice a second.
 */
#ifndef SHARED_INFRA_PG_H
#define SHARED_INFRA_PG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/cleanup.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/infra/pg_migrate.h" /* IWYU pragma: export */
#include "shared/infra/pg_result.h"  /* IWYU pragma: export */

struct pg;

struct pg_statement { /* static const; NAME, up to 48 bytes, is for logs and the server's list */
	const char *name;
	const char *sql;
};

/*
 * Never connects by itself.  URL: libpq URI or conninfo.  The server is told at each connect to end
 * a statement after TIMEOUT_MS (0: never), but not behind a pooler.  ERR_CONFIG: a bad URL (said in
 * the log, without it).
 */
MUST_USE enum err pg_new(
    const char *url, int64_t timeout_ms, const struct clock *clock, struct pg **out);
void pg_free(struct pg **pg);

/*
 * Runs one statement.  VALUES are texts (NULL: SQL NULL).  OUT may be NULL when no row matters.
 * ERR_CONFLICT on a unique violation (pg_constraint tells which); ERR_UNAVAILABLE: no server, or
 * lost on the way (whether it took effect is not known then); ERR_DEADLINE; ERR_BUSY: serialization
 * failure, deadlock or lock timeout; ERR_INTERNAL: any other SQL error (logged with its SQLSTATE,
 * never with values).
 */
MUST_USE enum err pg_run(struct pg *pg, const struct deadline *deadline,
    const struct pg_statement *statement, const char *const *values, size_t count,
    struct pg_result **out);
/* The violated constraint's name after ERR_CONFLICT, else "". */
const char *pg_constraint(const struct pg *pg);
/* Does the server answer?  pg_run's errors. */
MUST_USE enum err pg_ping(struct pg *pg, const struct deadline *deadline);

/*
 * A transaction: begin, …, commit.  Begin sends nothing: BEGIN goes with the first statement.
 * When the connection is lost inside, every further pg_run and pg_commit is ERR_UNAVAILABLE until
 * pg_rollback.  That one is a no-op outside a transaction, so `auto_pg_tx` (over a struct pg *)
 * cleans up at every early return; it waits a second at most, then drops the connection.
 */
MUST_USE enum err pg_begin(struct pg *pg, const struct deadline *deadline);
MUST_USE enum err pg_commit(struct pg *pg, const struct deadline *deadline);
void pg_rollback(struct pg *pg);
void pg_tx_end(struct pg **pg);

/*
 * LISTEN on CHANNEL (borrowed; again after each reconnect), then wait for a notification or
 * TIMEOUT_MS.  *NOTIFIED tells which; it is true after a fresh LISTEN too, and always behind a
 * pooler, as something may have been missed.  WAKE_FD (or -1): readable ends the wait.  Not inside
 * a transaction.  ERR_UNAVAILABLE comes after a pause, so that a loop around it does not spin.
 */
MUST_USE enum err pg_listen(
    struct pg *pg, const char *channel, int64_t timeout_ms, int wake_fd, bool *notified);

#define auto_pg_tx AUTO_OF(pg_tx_end)

#endif

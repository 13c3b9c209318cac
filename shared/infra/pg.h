/*
 * infra/pg: a thin client of PostgreSQL over libpq.
 *
 * Layer: infra.  One connection belongs to one thread.  It connects on first use, and again after
 * it broke (with a jittered pause between failed tries), so that a lost server costs each request a 503 and
 * nothing else.  Every call ends by its deadline: the query is sent asynchronously and awaited with
 * poll; at the deadline it is cancelled and the connection dropped.  Statements are prepared once a
 * connection, by the address of their struct.
 */
#ifndef SHARED_INFRA_PG_H
#define SHARED_INFRA_PG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/cleanup.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/base/id.h"
#include "shared/base/str.h"

struct pg;
struct pg_result;

struct pg_statement { /* static const; a name for logs and the server's list */
	const char *name;
	const char *sql;
};

/* Never connects by itself.  URL: libpq URI or conninfo.  statement_timeout is set from
 * TIMEOUT_MS at each connect as a second line of defence. */
MUST_USE enum err pg_new(const char *url, int64_t timeout_ms, const struct clock *clock,
			 struct pg **out);
void pg_free(struct pg **pg);

/*
 * Runs one statement.  VALUES are texts (NULL: SQL NULL).  *OUT may be NULL when no row matters.
 * ERR_CONFLICT on a unique violation (pg_constraint tells which); ERR_UNAVAILABLE: no server, or lost
 * on the way; ERR_DEADLINE; ERR_BUSY: serialization failure or deadlock; ERR_INTERNAL: any other SQL
 * error (logged with SQLSTATE, never values).
 */
MUST_USE enum err pg_run(struct pg *pg, const struct deadline *deadline,
			 const struct pg_statement *statement, const char *const *values, size_t count,
			 struct pg_result **out);
/* The violated constraint's name after ERR_CONFLICT, else "". */
const char *pg_constraint(const struct pg *pg);

/* A transaction: begin, …, commit.  pg_rollback is a no-op outside one, so `auto_pg_tx` (over the
 * struct pg *) cleans up at every early return. */
MUST_USE enum err pg_begin(struct pg *pg, const struct deadline *deadline);
MUST_USE enum err pg_commit(struct pg *pg, const struct deadline *deadline);
void pg_rollback(struct pg *pg);
void pg_tx_end(struct pg **pg);

/* Rows of a result.  Borrowed texts live as long as it does. */
size_t pg_rows(const struct pg_result *result);
/* Rows an INSERT, UPDATE or DELETE touched. */
size_t pg_affected(const struct pg_result *result);
bool pg_is_null(const struct pg_result *result, size_t row, size_t column);
const char *pg_text(const struct pg_result *result, size_t row, size_t column); /* NULL for NULL */
int64_t pg_int(const struct pg_result *result, size_t row, size_t column);      /* checked */
bool pg_bool(const struct pg_result *result, size_t row, size_t column);
/* timestamptz selected as (extract(epoch from t)*1000)::bigint is read by pg_int. */
struct id pg_id(const struct pg_result *result, size_t row, size_t column); /* checked */
void pg_result_free(struct pg_result **result);

/* LISTEN on a channel (again after each reconnect), then wait for a notification or TIMEOUT_MS.
 * *NOTIFIED tells which.  WAKE_FD (or -1): readable ends the wait too. */
MUST_USE enum err pg_listen(struct pg *pg, const char *channel, int64_t timeout_ms, int wake_fd,
			    bool *notified);

/* --- migrations --------------------------------------------------------------------------- */

struct migration { /* generated from schema/NNNN_name.sql; ended by version 0 */
	int version;
	const char *name;
	const char *sql;
};

/*
 * Applies what is missing, in order, each in a transaction of its own, under an advisory lock, and
 * records it in table schema_migrations: safe when every pod does it at once.  The serving role owns
 * nothing: after the last file, APP_ROLE (NULL: none) gets what the function app_grants(role) of the
 * schema, if there is one, grants it.
 */
MUST_USE enum err pg_migrate(struct pg *pg, const struct migration *migrations, const char *app_role);

#define auto_pg_result AUTO_OF(pg_result_free)
#define auto_pg_tx AUTO_OF(pg_tx_end)

#endif

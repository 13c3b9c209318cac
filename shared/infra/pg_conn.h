/*
 * infra/pg_conn: the connection under infra/pg: opening, waiting, dropping.
 *
 * Layer: infra, and private to the files named pg*.  One thread at a time.
 */
#ifndef SHARED_INFRA_PG_CONN_H
#define SHARED_INFRA_PG_CONN_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/clock.h"
#include "shared/base/err.h"

#define PG_PREPARED_MAX 64 /* a connection; statements beyond run unprepared */
#define PG_NAME_SIZE    64 /* PostgreSQL's NAMEDATALEN */
#define PG_OPTIONS_SIZE 1024

struct pg_statement;

enum pg_tx {
	PG_TX_NONE,
	PG_TX_PENDING, /* BEGIN goes with the first statement */
	PG_TX_OPEN,
	PG_TX_LOST /* the connection broke inside; only a rollback leads out */
};

struct pg {
	char *url;
	bool pooled; /* nothing of a session holds: no options, no prepared statements, no LISTEN */
	char options[PG_OPTIONS_SIZE]; /* the URL's own and ours */
	const struct clock *clock;
	PGconn *conn;        /* NULL while there is none; in pipeline mode, not blocking */
	int64_t pause_ms;    /* after the next failed try */
	int64_t next_try_ms; /* monotonic: no try before */
	enum pg_tx tx;
	char constraint[PG_NAME_SIZE];
	const struct pg_statement *prepared[PG_PREPARED_MAX];
	size_t prepared_count;
	const char *channel; /* this connection listens to */
};

/* Sets url, pooled and options.  ERR_CONFIG, ERR_MEMORY. */
MUST_USE enum err pg_conn_configure(struct pg *pg, const char *url, int64_t timeout_ms);
/* Makes sure that there is a connection that looks alive.  ERR_UNAVAILABLE (at once within the
 * pause after a failed try), ERR_DEADLINE. */
MUST_USE enum err pg_conn_open(struct pg *pg, const struct deadline *deadline);
/* Sends what is buffered and waits until PQgetResult would not block; drops the connection on
 * ERR_UNAVAILABLE and ERR_DEADLINE. */
MUST_USE enum err pg_conn_await(struct pg *pg, const struct deadline *deadline);
/* pg_run of what is not worth preparing, without values and rows; STATEMENT need not outlive it. */
MUST_USE enum err pg_run_once(
    struct pg *pg, const struct deadline *deadline, const struct pg_statement *statement);
/* Closes; a transaction that was open counts as lost. */
void pg_conn_drop(struct pg *pg);

#endif

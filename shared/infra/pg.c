#include "shared/infra/pg.h"

#include <errno.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/buf.h"
#include "shared/base/check.h"
#include "shared/base/log.h"
#include "shared/base/str.h"
#include "shared/infra/pg_conn.h"

#define ROLLBACK_MS 1000
#define VALUES_MAX  64

enum err
pg_new(const char *url, int64_t timeout_ms, const struct clock *clock, struct pg **out)
{
	struct pg *pg = calloc(1, sizeof(*pg));
	enum err err;

	TRY_ALLOC(pg);
	pg->clock = clock;
	pg->pause_ms = 1;
	err = pg_conn_configure(pg, url, timeout_ms);
	if (err != ERR_OK) {
		pg_free(&pg);
		return err;
	}
	*out = pg;
	return ERR_OK;
}

void
pg_free(struct pg **pg)
{
	if (*pg == NULL)
		return;
	pg_conn_drop(*pg);
	if ((*pg)->url != NULL)
		bytes_wipe((*pg)->url, strlen((*pg)->url));
	free((*pg)->url);
	free(*pg);
	*pg = NULL;
}

const char *
pg_constraint(const struct pg *pg)
{
	return pg->constraint;
}

/* --- what went wrong ---------------------------------------------------------------------- */

static const struct sql_error {
	const char *prefix; /* of the SQLSTATE; the first that fits decides */
	enum err err;
	bool drop; /* the connection is of no more use */
} sql_errors[] = {
    {"23505", ERR_CONFLICT, false},   /* unique_violation */
    {"40001", ERR_BUSY, false},       /* serialization_failure */
    {"40P01", ERR_BUSY, false},       /* deadlock_detected */
    {"55P03", ERR_BUSY, false},       /* lock_not_available */
    {"57014", ERR_DEADLINE, false},   /* query_canceled: the statement_timeout */
    {"25006", ERR_UNAVAILABLE, true}, /* read_only_sql_transaction: a failover went past us */
    {"25P03", ERR_UNAVAILABLE, true}, /* idle_in_transaction_session_timeout */
    {"0A000", ERR_UNAVAILABLE, true}, /* a prepared plan does not fit a migrated table */
    {"26000", ERR_UNAVAILABLE, true}, /* a pooler lost our prepared statement */
    {"08", ERR_UNAVAILABLE, true},    /* connection_exception */
    {"53", ERR_UNAVAILABLE, false},   /* insufficient_resources */
    {"57P", ERR_UNAVAILABLE, true},   /* shutting down, starting up */
    {"", ERR_INTERNAL, false},
};

static const struct sql_error *
sql_error_of(const char *sqlstate)
{
	const struct sql_error *row = sql_errors;

	while (!str_starts_with(sqlstate, row->prefix))
		row++;
	return row;
}

/* Messages may quote values, so the log gets the SQLSTATE and names alone. */
static enum err
explain(struct pg *pg, const PGresult *failed, const char *name)
{
	const char *sqlstate = PQresultErrorField(failed, PG_DIAG_SQLSTATE);
	const char *constraint = PQresultErrorField(failed, PG_DIAG_CONSTRAINT_NAME);
	const struct sql_error *row;

	if (sqlstate == NULL || PQstatus(pg->conn) == CONNECTION_BAD) {
		log_warn("connection to PostgreSQL lost", LOG_TEXT("statement", name));
		pg_conn_drop(pg);
		return ERR_UNAVAILABLE;
	}
	row = sql_error_of(sqlstate);
	if (row->err == ERR_CONFLICT)
		(void)snprintf(pg->constraint, sizeof(pg->constraint), "%s",
		    constraint != NULL ? constraint : "");
	else
		log_error("statement refused", LOG_TEXT("statement", name),
		    LOG_TEXT("sqlstate", sqlstate), LOG_TEXT("constraint", constraint));
	if (row->drop)
		pg_conn_drop(pg);
	return row->err;
}

/* --- one pipeline: [BEGIN] [Parse] Bind+Execute, Sync --------------------------------------- */

struct batch {
	const struct pg_statement *statement;
	const char *const *values;
	int count;
	bool once; /* not worth preparing */
	bool begins, prepares;
};

/* The name under which the connection at hand has it, or will have it in slot SLOT. */
static void
prepared_name(const struct pg_statement *statement, size_t slot, char name[PG_NAME_SIZE])
{
	int len = snprintf(name, PG_NAME_SIZE, "%s_%zu", statement->name, slot);

	check(len > 0 && len < PG_NAME_SIZE);
}

static size_t
prepared_slot(const struct pg *pg, const struct pg_statement *statement)
{
	size_t slot = 0;

	while (slot < pg->prepared_count && pg->prepared[slot] != statement)
		slot++;
	return slot;
}

static bool
send_batch(struct pg *pg, struct batch *batch)
{
	const struct pg_statement *statement = batch->statement;
	size_t slot = prepared_slot(pg, statement);
	bool plain = batch->once || pg->pooled || slot == PG_PREPARED_MAX;
	char name[PG_NAME_SIZE];

	batch->begins = pg->tx == PG_TX_PENDING;
	batch->prepares = !plain && slot == pg->prepared_count;
	if (batch->begins &&
	    PQsendQueryParams(pg->conn, "BEGIN", 0, NULL, NULL, NULL, NULL, 0) == 0)
		return false;
	if (plain)
		return PQsendQueryParams(pg->conn, statement->sql, batch->count, NULL,
			   batch->values, NULL, NULL, 0) == 1 &&
		    PQpipelineSync(pg->conn) == 1;
	prepared_name(statement, slot, name);
	if (batch->prepares && PQsendPrepare(pg->conn, name, statement->sql, 0, NULL) == 0)
		return false;
	return PQsendQueryPrepared(pg->conn, name, batch->count, batch->values, NULL, NULL, 0) ==
	    1 &&
	    PQpipelineSync(pg->conn) == 1;
}

/* Notes what the AT-th command of BATCH achieved, and keeps its result if it is the last. */
static void
note_result(struct pg *pg, const struct batch *batch, size_t at, PGresult **result)
{
	if (batch->begins && at == 0)
		pg->tx = PG_TX_OPEN;
	else if (batch->prepares && at == (batch->begins ? 1U : 0U))
		pg->prepared[pg->prepared_count++] = batch->statement;
	else
		return;
	PQclear(*result);
	*result = NULL;
}

/*
 * Takes results until the Sync's.  *LAST is the statement's, or the one of the first command that
 * failed; the caller clears it.
 */
static enum err
collect(struct pg *pg, const struct deadline *deadline, const struct batch *batch, PGresult **last)
{
	size_t at = 0;

	for (;;) {
		PGresult *result;
		ExecStatusType status;

		TRY(pg_conn_await(pg, deadline));
		result = PQgetResult(pg->conn);
		if (result == NULL) { /* between two commands */
			if (PQstatus(pg->conn) == CONNECTION_BAD)
				return ERR_UNAVAILABLE;
			continue;
		}
		status = PQresultStatus(result);
		if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
			note_result(pg, batch, at++, &result);
		if (status == PGRES_PIPELINE_SYNC || status == PGRES_PIPELINE_ABORTED) {
			PQclear(result);
			if (status == PGRES_PIPELINE_SYNC)
				return ERR_OK;
		} else if (result != NULL) {
			PQclear(*last);
			*last = result;
			if (PQstatus(pg->conn) == CONNECTION_BAD)
				return ERR_OK;
		}
	}
}

static enum err
run(struct pg *pg, const struct deadline *deadline, struct batch *batch, PGresult **last)
{
	ExecStatusType status;
	enum err err;

	if (pg->tx == PG_TX_LOST)
		return ERR_UNAVAILABLE;
	TRY(pg_conn_open(pg, deadline));
	if (!send_batch(pg, batch)) {
		pg_conn_drop(pg);
		return ERR_UNAVAILABLE;
	}
	err = collect(pg, deadline, batch, last);
	if (err != ERR_OK) {
		pg_conn_drop(pg);
		return err;
	}
	status = PQresultStatus(*last);
	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
		return ERR_OK;
	return explain(pg, *last, batch->statement->name);
}

enum err
pg_run(struct pg *pg, const struct deadline *deadline, const struct pg_statement *statement,
    const char *const *values, size_t count, struct pg_result **out)
{
	struct batch batch = {.statement = statement, .values = values, .count = (int)count};
	PGresult *last = NULL;
	enum err err;

	check(count <= VALUES_MAX);
	pg->constraint[0] = '\0';
	err = run(pg, deadline, &batch, &last);
	if (err == ERR_OK && out != NULL)
		*out = (struct pg_result *)last;
	else
		PQclear(last);
	return err;
}

enum err
pg_run_once(struct pg *pg, const struct deadline *deadline, const struct pg_statement *statement)
{
	struct batch batch = {.statement = statement, .once = true};
	PGresult *last = NULL;
	enum err err = run(pg, deadline, &batch, &last);

	PQclear(last);
	return err;
}

/* --- transactions ------------------------------------------------------------------------- */

enum err
pg_ping(struct pg *pg, const struct deadline *deadline)
{
	static const struct pg_statement statement = {"ping", "SELECT 1"};

	return pg_run(pg, deadline, &statement, NULL, 0, NULL);
}

enum err
pg_begin(struct pg *pg, const struct deadline *deadline)
{
	check(pg->tx == PG_TX_NONE);
	TRY(pg_conn_open(pg, deadline));
	pg->tx = PG_TX_PENDING;
	return ERR_OK;
}

enum err
pg_commit(struct pg *pg, const struct deadline *deadline)
{
	static const struct pg_statement commit = {"commit", "COMMIT"};
	struct batch batch = {.statement = &commit};
	PGresult *last = NULL;
	enum err err;

	check(pg->tx != PG_TX_NONE);
	if (pg->tx == PG_TX_PENDING) {
		pg->tx = PG_TX_NONE;
		return ERR_OK;
	}
	err = run(pg, deadline, &batch, &last);
	/* COMMIT of a failed transaction succeeds, and says ROLLBACK. */
	if (err == ERR_OK && !str_equal(PQcmdStatus(last), "COMMIT"))
		err = ERR_INTERNAL;
	PQclear(last);
	if (err == ERR_OK || err == ERR_INTERNAL)
		pg->tx = PG_TX_NONE;
	return err;
}

void
pg_rollback(struct pg *pg)
{
	static const struct pg_statement rollback = {"rollback", "ROLLBACK"};
	struct batch batch = {.statement = &rollback};
	struct deadline deadline = deadline_in(pg->clock, ROLLBACK_MS);
	PGresult *last = NULL;

	if (pg->tx == PG_TX_OPEN && run(pg, &deadline, &batch, &last) != ERR_OK)
		pg_conn_drop(pg);
	PQclear(last);
	pg->tx = PG_TX_NONE;
}

void
pg_tx_end(struct pg **pg)
{
	if (*pg != NULL)
		pg_rollback(*pg);
}

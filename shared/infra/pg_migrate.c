#include "shared/infra/pg_migrate.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>

#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/base/str.h"
#include "shared/infra/pg_conn.h"
#include "shared/infra/pg_result.h"

#define CONNECT_MS 30000

/* One number for all programs: each has a database of its own, and locks are a database's. */
#define LOCK "7381022604"

static enum err
refused(struct pg *pg, const char *what, PGresult *result)
{
	bool is_lost = PQstatus(pg->conn) == CONNECTION_BAD;

	/* Our own SQL without any user's values: the message may be shown. */
	log_error("migration failed", LOG_TEXT("step", what),
	    LOG_TEXT("reason", PQerrorMessage(pg->conn)));
	PQclear(result);
	return is_lost ? ERR_UNAVAILABLE : ERR_INTERNAL;
}

/* Any number of statements. */
static enum err
run_script(struct pg *pg, const char *what, const char *sql)
{
	PGresult *result = PQexec(pg->conn, sql);
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
		return refused(pg, what, result);
	PQclear(result);
	return ERR_OK;
}

static enum err
run_one(struct pg *pg, const char *what, const char *sql, const char *const *values, int count,
    struct pg_result **out)
{
	PGresult *result = PQexecParams(pg->conn, sql, count, NULL, values, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		return refused(pg, what, result);
	*out = (struct pg_result *)result;
	return ERR_OK;
}

static enum err
is_applied(struct pg *pg, const char *version, bool *applied)
{
	auto_pg_result struct pg_result *rows = NULL;

	TRY(run_one(pg, "look at schema_migrations",
	    "SELECT 1 FROM schema_migrations WHERE version = $1::int", &version, 1, &rows));
	*applied = pg_rows(rows) > 0;
	return ERR_OK;
}

static enum err
apply(struct pg *pg, const struct migration *migration)
{
	auto_pg_result struct pg_result *rows = NULL;
	char version[16];
	const char *values[] = {version, migration->name};
	bool applied;

	(void)snprintf(version, sizeof(version), "%d", migration->version);
	TRY(is_applied(pg, version, &applied));
	if (applied)
		return ERR_OK;
	TRY(run_script(pg, migration->name, "BEGIN"));
	TRY(run_script(pg, migration->name, migration->sql));
	TRY(run_one(pg, migration->name,
	    "INSERT INTO schema_migrations (version, name) VALUES ($1::int, $2)", values, 2,
	    &rows));
	TRY(run_script(pg, migration->name, "COMMIT"));
	log_info("migration applied", LOG_INT("version", migration->version),
	    LOG_TEXT("name", migration->name));
	return ERR_OK;
}

/* The schema itself says what its serving roles may do. */
static enum err
grant(struct pg *pg, const char *function, const char *role)
{
	auto_pg_result struct pg_result *found = NULL;
	auto_pg_result struct pg_result *granted = NULL;
	char signature[PG_NAME_SIZE + sizeof("(text)")];
	char sql[PG_NAME_SIZE + sizeof("SELECT ($1::text)")];
	const char *const values[] = {signature};

	(void)snprintf(signature, sizeof(signature), "%s(text)", function);
	(void)snprintf(sql, sizeof(sql), "SELECT %s($1::text)", function);
	TRY(run_one(
	    pg, "look for grants", "SELECT to_regprocedure($1) IS NOT NULL", values, 1, &found));
	if (!pg_bool(found, 0, 0))
		return ERR_OK;
	return run_one(pg, function, sql, &role, 1, &granted);
}

static enum err
migrate(struct pg *pg, const struct migration *migrations, const char *app_role)
{
	TRY(run_script(pg, "start",
	    "SET statement_timeout = 0; SET client_min_messages = warning;"
	    "SELECT pg_advisory_lock(" LOCK ");"
	    "CREATE TABLE IF NOT EXISTS schema_migrations ("
	    "version int PRIMARY KEY, name text NOT NULL,"
	    "applied_at timestamptz NOT NULL DEFAULT now())"));
	for (; migrations->version != 0; migrations++)
		TRY(apply(pg, migrations));
	if (app_role != NULL && *app_role != '\0')
		TRY(grant(pg, "app_grants", app_role));
	return ERR_OK;
}

/* Files of many statements need the simple protocol, and here nobody minds waiting. */
static enum err
open_plain(struct pg *pg)
{
	struct deadline deadline = deadline_in(pg->clock, CONNECT_MS);

	if (pg->pooled) {
		log_error(
		    "migrations go past a pooler: set DATABASE_OWNER_URL", LOG_ERR(ERR_CONFIG));
		return ERR_CONFIG;
	}
	TRY(pg_conn_open(pg, &deadline));
	return PQexitPipelineMode(pg->conn) == 1 && PQsetnonblocking(pg->conn, 0) == 0
	    ? ERR_OK
	    : ERR_UNAVAILABLE;
}

enum err
pg_migrate(struct pg *pg, const struct migration *migrations, const char *app_role)
{
	enum err err = open_plain(pg);

	if (err == ERR_OK)
		err = migrate(pg, migrations, app_role);
	/* Ends a transaction left open and gives the lock back. */
	pg_conn_drop(pg);
	return err;
}

enum err
pg_migrate_grant(struct pg *pg, const char *function, const char *role)
{
	enum err err = open_plain(pg);

	if (err == ERR_OK)
		err = run_script(pg, "lock", "SELECT pg_advisory_lock(" LOCK ")");
	if (err == ERR_OK)
		err = grant(pg, function, role);
	pg_conn_drop(pg);
	return err;
}

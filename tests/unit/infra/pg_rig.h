/*
 * tests/unit/infra/pg_rig: a private PostgreSQL, a connection to try, and somebody else's.
 */
#ifndef TESTS_UNIT_INFRA_PG_RIG_H
#define TESTS_UNIT_INFRA_PG_RIG_H

#include <stdio.h>

#include "tests/unit/notifier/database.h"
#include "tests/unit/unit.h"

#include "shared/base/log.h"
#include "shared/infra/pg.h"

static struct database database;
static struct pg *pg;
static struct pg *other; /* somebody else's connection */

static const struct pg_statement backend = {"backend", "SELECT pg_backend_pid()"};
static const struct pg_statement count_things = {"count", "SELECT count(*) FROM things"};
static const struct pg_statement add_thing = {"add", "INSERT INTO things (name) VALUES ($1)"};

static int
start_database(void **state)
{
	(void)state;
	log_init("test", LOG_ERROR + 1, 2);
	return database_new(&database);
}

static int
remove_database(void **state)
{
	(void)state;
	return database_remove(&database);
}

static struct deadline
patience(void)
{
	return deadline_in(&clock_system, 30000);
}

static void
run_on(struct pg *connection, const struct pg_statement *statement)
{
	const struct deadline deadline = patience();

	assert_err(ERR_OK, pg_run(connection, &deadline, statement, NULL, 0, NULL));
}

static enum err
run(const struct pg_statement *statement)
{
	const struct deadline deadline = patience();

	return pg_run(pg, &deadline, statement, NULL, 0, NULL);
}

static enum err
add(const char *name)
{
	const struct deadline deadline = patience();

	return pg_run(pg, &deadline, &add_thing, &name, 1, NULL);
}

static int64_t
number_on(struct pg *connection, const struct pg_statement *statement)
{
	const struct deadline deadline = patience();
	struct pg_result *rows = NULL;
	int64_t number;

	assert_err(ERR_OK, pg_run(connection, &deadline, statement, NULL, 0, &rows));
	assert_int_equal(pg_rows(rows), 1);
	number = pg_int(rows, 0, 0);
	pg_result_free(&rows);
	return number;
}

/* The server ends pg's connection, and it is gone when this returns. */
__attribute__((unused)) static void
terminate(int64_t pid)
{
	static const struct pg_statement statement = {
	    "terminate", "SELECT pg_terminate_backend($1::integer, 10000)"};
	const struct deadline deadline = patience();
	char text[24];
	const char *values[] = {text};
	struct pg_result *rows = NULL;

	(void)snprintf(text, sizeof(text), "%lld", (long long)pid);
	assert_err(ERR_OK, pg_run(other, &deadline, &statement, values, 1, &rows));
	assert_true(pg_bool(rows, 0, 0));
	pg_result_free(&rows);
}

static int
setup(void **state)
{
	static const struct pg_statement drop = {"drop", "DROP TABLE IF EXISTS things"};
	static const struct pg_statement create = {"create",
	    "CREATE TABLE things (name text CONSTRAINT things_name_taken UNIQUE,"
	    " twin text CONSTRAINT late UNIQUE DEFERRABLE INITIALLY DEFERRED)"};

	(void)state;
	if (pg_new(database.url, 20000, &clock_system, &pg) != ERR_OK ||
	    pg_new(database.url, 20000, &clock_system, &other) != ERR_OK)
		return -1;
	run_on(other, &drop);
	run_on(other, &create);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pg_free(&pg);
	pg_free(&pg);
	pg_free(&other);
	return 0;
}

#endif

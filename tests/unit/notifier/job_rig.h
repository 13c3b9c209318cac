/*
 * tests/unit/notifier/job_rig: a database with the notifier's tables, and jobs and contacts for it.
 */
#ifndef TESTS_UNIT_NOTIFIER_JOB_RIG_H
#define TESTS_UNIT_NOTIFIER_JOB_RIG_H

#include <stdio.h>
#include <string.h>

#include "tests/unit/notifier/database.h"
#include "tests/unit/unit.h"

#include "notifier/job_store.h"
#include "shared/base/log.h"

#define LEASE_MS 3600000

extern const struct migration notifier_migrations[];

static struct database database;
static struct pg *pg;
static struct arena *arena;

static inline int
start_database(void **state)
{
	(void)state;
	if (database_new(&database) != 0 || pg_new(database.url, 0, &clock_system, &pg) != ERR_OK ||
	    pg_migrate(pg, notifier_migrations, NULL) != ERR_OK)
		return -1;
	return arena_new((size_t)1024 * 1024, &arena) == ERR_OK ? 0 : -1;
}

static inline int
remove_database(void **state)
{
	(void)state;
	pg_free(&pg);
	arena_free(&arena);
	return database_remove(&database);
}

static inline struct deadline
patience(void)
{
	return deadline_in(&clock_system, 30000);
}

/* Runs SQL of the test's own and returns the first column of its first row as a number. */
static inline int64_t
query(const char *sql)
{
	const struct pg_statement statement = {"test", sql};
	const struct deadline deadline = patience();
	struct pg_result *result = NULL;
	struct pg *other = NULL;
	int64_t number;

	/* Statements are known by their address: each of these gets a connection of its own. */
	assert_err(ERR_OK, pg_new(database.url, 0, &clock_system, &other));
	assert_err(ERR_OK, pg_run(other, &deadline, &statement, NULL, 0, &result));
	number = pg_rows(result) > 0 ? pg_int(result, 0, 0) : 0;
	pg_result_free(&result);
	pg_free(&other);
	return number;
}

static inline int
empty_database(void **state)
{
	(void)state;
	return query("WITH a AS (DELETE FROM attempts), j AS (DELETE FROM jobs),"
		     " c AS (DELETE FROM contacts) SELECT 0") == 0
	    ? 0
	    : -1;
}

static inline struct id
new_id(void)
{
	struct id id;

	id_new(clock_now_ms(&clock_system), &id);
	return id;
}

static inline int64_t
add(const struct plan *plan)
{
	const struct deadline deadline = patience();
	int64_t added = -1;

	assert_err(ERR_OK, pg_begin(pg, &deadline));
	assert_err(ERR_OK, job_store_add(pg, &deadline, plan, &added));
	assert_err(ERR_OK, pg_commit(pg, &deadline));
	return added;
}

/* A plan of one job for RECIPIENT, who is not told about. */
static inline struct plan
plan_for(const struct id *recipient, struct planned_job *job)
{
	struct plan plan = {.jobs = job, .job_count = 1};

	*job = (struct planned_job){"email", "welcome", *recipient, "{\"token\":\"secret\"}"};
	plan.event.head.id = new_id();
	plan.event.head.type = "user.registered";
	plan.event.head.time_ms = clock_now_ms(&clock_system);
	return plan;
}

static inline struct plan
plan_of_contact(const struct id *user, const char *email, int64_t time_ms)
{
	struct plan plan = {
	    .has_contact = true,
	    .contact = {*user, email, "Name", "en", false},
	};

	plan.event.head.time_ms = time_ms;
	return plan;
}

static inline enum err
lease(struct job *job)
{
	const struct deadline deadline = patience();

	return job_store_lease(pg, &deadline, arena, LEASE_MS, job);
}

static inline enum err
record(const struct job *job, enum attempt_result result, int64_t pause_ms)
{
	const struct attempt attempt = {result, "250 ok", 7};
	const struct deadline deadline = patience();

	return job_store_record(pg, &deadline, job, &attempt, pause_ms);
}

#define STORE_TEST(name) cmocka_unit_test_setup(name, empty_database)

#endif

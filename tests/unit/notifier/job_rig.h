/*
 * tests/unit/notifier/job_rig: jobs and contacts, upon the rig.
 */
#ifndef TESTS_UNIT_NOTIFIER_JOB_RIG_H
#define TESTS_UNIT_NOTIFIER_JOB_RIG_H

#include <stdio.h>
#include <string.h>

#include "tests/unit/notifier/notifier_rig.h"

#include "notifier/job_store.h"

#define LEASE_MS 3600000

static inline int
empty_database(void **state)
{
	(void)state;
	return query("WITH a AS (DELETE FROM attempts), j AS (DELETE FROM jobs),"
		     " c AS (DELETE FROM contacts) SELECT 0") == 0
	    ? 0
	    : -1;
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

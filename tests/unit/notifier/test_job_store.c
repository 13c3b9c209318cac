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

static int
start_database(void **state)
{
	(void)state;
	if (database_new(&database) != 0 || pg_new(database.url, 0, &clock_system, &pg) != ERR_OK ||
	    pg_migrate(pg, notifier_migrations, NULL) != ERR_OK)
		return -1;
	return arena_new((size_t)1024 * 1024, &arena) == ERR_OK ? 0 : -1;
}

static int
remove_database(void **state)
{
	(void)state;
	pg_free(&pg);
	arena_free(&arena);
	return database_remove(&database);
}

static struct deadline
patience(void)
{
	return deadline_in(&clock_system, 30000);
}

/* Runs SQL of the test's own and returns the first column of its first row as a number. */
static int64_t
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

static int
empty_database(void **state)
{
	(void)state;
	return query("WITH a AS (DELETE FROM attempts), j AS (DELETE FROM jobs),"
		     " c AS (DELETE FROM contacts) SELECT 0") == 0
	    ? 0
	    : -1;
}

static struct id
new_id(void)
{
	struct id id;

	id_new(clock_now_ms(&clock_system), &id);
	return id;
}

static int64_t
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
static struct plan
plan_for(const struct id *recipient, struct planned_job *job)
{
	struct plan plan = {.jobs = job, .job_count = 1};

	*job = (struct planned_job){"email", "welcome", *recipient, "{\"token\":\"secret\"}"};
	plan.event.head.id = new_id();
	plan.event.head.type = "user.registered";
	plan.event.head.time_ms = clock_now_ms(&clock_system);
	return plan;
}

static struct plan
plan_of_contact(const struct id *user, const char *email, int64_t time_ms)
{
	struct plan plan = {
	    .has_contact = true,
	    .contact = {*user, email, "Name", "en", false},
	};

	plan.event.head.time_ms = time_ms;
	return plan;
}

static enum err
lease(struct job *job)
{
	const struct deadline deadline = patience();

	return job_store_lease(pg, &deadline, arena, LEASE_MS, job);
}

static enum err
record(const struct job *job, enum attempt_result result, int64_t pause_ms)
{
	const struct attempt attempt = {result, "250 ok", 7};
	const struct deadline deadline = patience();

	return job_store_record(pg, &deadline, job, &attempt, pause_ms);
}

static void
an_event_makes_its_jobs_once(void **state)
{
	struct id user = new_id();
	struct planned_job job;
	struct plan plan = plan_for(&user, &job);

	(void)state;
	assert_int_equal(add(&plan), 1);
	assert_int_equal(add(&plan), 0);
	job.template = "other";
	assert_int_equal(add(&plan), 1);
	assert_int_equal(query("SELECT count(*) FROM jobs"), 2);
}

static void
a_leased_job_is_nobody_elses(void **state)
{
	struct id user = new_id();
	struct planned_job planned;
	struct plan plan = plan_for(&user, &planned);
	struct job job;
	struct job other;

	(void)state;
	plan.has_contact = true;
	plan.contact = (struct contact){user, "a@b.c", "Anna", "de", false};
	(void)add(&plan);
	assert_err(ERR_OK, lease(&job));
	assert_string_equal(job.template, "welcome");
	assert_string_equal(job.channel, "email");
	assert_string_equal(job.data, "{\"token\":\"secret\"}");
	assert_true(id_equal(&job.recipient, &user));
	assert_true(id_equal(&job.event_id, &plan.event.head.id));
	assert_int_equal(job.attempt, 1);
	assert_true(job.has_contact);
	assert_string_equal(job.contact.email, "a@b.c");
	assert_string_equal(job.contact.locale, "de");
	assert_null(job.traceparent);
	assert_err(ERR_NOT_FOUND, lease(&other));
}

static void
a_sent_job_is_finished_and_its_data_are_gone(void **state)
{
	struct id user = new_id();
	struct planned_job planned;
	struct plan plan = plan_for(&user, &planned);
	struct job job;

	(void)state;
	(void)add(&plan);
	assert_err(ERR_OK, lease(&job));
	assert_err(ERR_OK, record(&job, ATTEMPT_SENT, 0));
	assert_err(ERR_NOT_FOUND, lease(&job));
	assert_int_equal(query("SELECT count(*) FROM jobs WHERE state = 'sent' AND data IS NULL"
			       " AND finished_at IS NOT NULL"),
	    1);
	assert_int_equal(query("SELECT count(*) FROM attempts WHERE result = 'sent' AND number = 1"
			       " AND duration_ms = 7 AND detail = '250 ok'"),
	    1);
	/* The event again: it is remembered. */
	assert_int_equal(add(&plan), 0);
}

static void
a_refused_job_is_given_up_and_its_data_are_gone(void **state)
{
	struct id user = new_id();
	struct planned_job planned;
	struct plan plan = plan_for(&user, &planned);
	struct job_counts counts;
	const struct deadline deadline = patience();
	struct job job;

	(void)state;
	(void)add(&plan);
	assert_err(ERR_OK, lease(&job));
	assert_err(ERR_OK, record(&job, ATTEMPT_REFUSED, 0));
	assert_err(ERR_NOT_FOUND, lease(&job));
	assert_err(ERR_OK, job_store_count(pg, &deadline, &counts));
	assert_int_equal(counts.failed, 1);
	assert_int_equal(counts.queued, 0);
	assert_int_equal(query("SELECT count(*) FROM jobs WHERE data IS NOT NULL"), 0);
}

static void
a_failed_attempt_is_followed_by_another(void **state)
{
	struct id user = new_id();
	struct planned_job planned;
	struct plan plan = plan_for(&user, &planned);
	struct job job;

	(void)state;
	(void)add(&plan);
	assert_err(ERR_OK, lease(&job));
	assert_err(ERR_OK, record(&job, ATTEMPT_TRY_LATER, LEASE_MS));
	assert_err(ERR_NOT_FOUND, lease(&job));
	(void)query("UPDATE jobs SET due_at = now() RETURNING 0");
	assert_err(ERR_OK, lease(&job));
	assert_int_equal(job.attempt, 2);
	assert_non_null(job.data);
	assert_err(ERR_OK, record(&job, ATTEMPT_SENT, 0));
	assert_int_equal(query("SELECT count(*) FROM attempts"), 2);
}

static void
who_lost_the_lease_records_nothing(void **state)
{
	struct id user = new_id();
	struct planned_job planned;
	struct plan plan = plan_for(&user, &planned);
	const struct deadline deadline = patience();
	struct job slow;
	struct job quick;

	(void)state;
	(void)add(&plan);
	assert_err(ERR_OK, lease(&slow));
	(void)query("UPDATE jobs SET due_at = now() RETURNING 0"); /* the lease is over */
	assert_err(ERR_OK, lease(&quick));
	assert_err(ERR_CONFLICT, record(&slow, ATTEMPT_TRY_LATER, 0));
	assert_err(ERR_CONFLICT, job_store_await_contact(pg, &deadline, &slow, 0));
	assert_err(ERR_OK, record(&quick, ATTEMPT_SENT, 0));
	assert_err(ERR_CONFLICT, record(&slow, ATTEMPT_SENT, 0));
	assert_int_equal(query("SELECT count(*) FROM attempts"), 1);
}

static void
a_job_waits_for_its_contact_and_no_longer(void **state)
{
	struct id user = new_id();
	struct planned_job planned;
	struct plan plan = plan_for(&user, &planned);
	struct plan news = plan_of_contact(&user, "late@example.org", 1000);
	const struct deadline deadline = patience();
	struct job job;

	(void)state;
	(void)add(&plan);
	assert_err(ERR_OK, lease(&job));
	assert_false(job.has_contact);
	assert_err(ERR_OK, job_store_await_contact(pg, &deadline, &job, LEASE_MS));
	assert_err(ERR_NOT_FOUND, lease(&job));
	assert_int_equal(add(&news), 1);
	assert_err(ERR_OK, lease(&job));
	assert_string_equal(job.contact.email, "late@example.org");
}

static void
a_contact_learnt_during_the_lease_is_not_waited_for(void **state)
{
	struct id user = new_id();
	struct planned_job planned;
	struct plan plan = plan_for(&user, &planned);
	struct plan news = plan_of_contact(&user, "late@example.org", 1000);
	const struct deadline deadline = patience();
	struct job job;

	(void)state;
	(void)add(&plan);
	assert_err(ERR_OK, lease(&job));
	assert_int_equal(add(&news), 0);
	assert_err(ERR_OK, job_store_await_contact(pg, &deadline, &job, LEASE_MS));
	assert_err(ERR_OK, lease(&job));
	assert_true(job.has_contact);
}

static void
the_latest_address_counts_in_whatever_order_it_comes(void **state)
{
	struct id user = new_id();
	struct plan newer = plan_of_contact(&user, "new@example.org", 2000);
	struct plan older = plan_of_contact(&user, "old@example.org", 1000);
	struct plan newest = plan_of_contact(&user, "newest@example.org", 3000);

	(void)state;
	(void)add(&newer);
	(void)add(&older);
	assert_int_equal(query("SELECT count(*) FROM contacts WHERE email = 'new@example.org'"), 1);
	(void)add(&newest);
	assert_int_equal(
	    query("SELECT count(*) FROM contacts WHERE email = 'newest@example.org'"), 1);
}

static void
a_deleted_account_stays_deleted(void **state)
{
	struct id user = new_id();
	struct plan known = plan_of_contact(&user, "a@example.org", 2000);
	struct plan deleted = plan_of_contact(&user, "", 1000);
	struct plan late = plan_of_contact(&user, "a@example.org", 3000);

	(void)state;
	deleted.contact.deleted = true;
	deleted.contact.name = "";
	(void)add(&known);
	(void)add(&deleted);
	(void)add(&late);
	assert_int_equal(query("SELECT count(*) FROM contacts WHERE deleted AND email = ''"), 1);
}

static void
a_plan_that_is_rolled_back_leaves_nothing(void **state)
{
	struct id user = new_id();
	struct planned_job planned;
	struct plan plan = plan_for(&user, &planned);
	const struct deadline deadline = patience();
	int64_t added;

	(void)state;
	assert_err(ERR_OK, pg_begin(pg, &deadline));
	assert_err(ERR_OK, job_store_add(pg, &deadline, &plan, &added));
	pg_rollback(pg);
	assert_int_equal(query("SELECT count(*) FROM jobs"), 0);
}

static void
what_is_due_is_counted(void **state)
{
	struct id user = new_id();
	struct planned_job planned;
	struct plan first = plan_for(&user, &planned);
	struct plan second = plan_for(&user, &planned);
	const struct deadline deadline = patience();
	struct job_counts counts;
	struct job job;

	(void)state;
	(void)add(&first);
	(void)add(&second);
	(void)query("UPDATE jobs SET due_at = now() - interval '1 hour' RETURNING 0");
	assert_err(ERR_OK, lease(&job));
	assert_err(ERR_OK, job_store_count(pg, &deadline, &counts));
	assert_int_equal(counts.queued, 2);
	assert_int_equal(counts.due, 1);
	assert_in_range(counts.oldest_due_ms, 3600000, 3700000);
	assert_err(ERR_OK, job_store_ping(pg, &deadline));
}

#define STORE_TEST(name) cmocka_unit_test_setup(name, empty_database)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(an_event_makes_its_jobs_once),
	    STORE_TEST(a_leased_job_is_nobody_elses),
	    STORE_TEST(a_sent_job_is_finished_and_its_data_are_gone),
	    STORE_TEST(a_refused_job_is_given_up_and_its_data_are_gone),
	    STORE_TEST(a_failed_attempt_is_followed_by_another),
	    STORE_TEST(who_lost_the_lease_records_nothing),
	    STORE_TEST(a_job_waits_for_its_contact_and_no_longer),
	    STORE_TEST(a_contact_learnt_during_the_lease_is_not_waited_for),
	    STORE_TEST(the_latest_address_counts_in_whatever_order_it_comes),
	    STORE_TEST(a_deleted_account_stays_deleted),
	    STORE_TEST(a_plan_that_is_rolled_back_leaves_nothing),
	    STORE_TEST(what_is_due_is_counted),
	};

	log_init("test", LOG_WARN, STDERR_FILENO);
	return cmocka_run_group_tests(tests, start_database, remove_database);
}

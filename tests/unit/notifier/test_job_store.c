#include "tests/unit/notifier/job_rig.h"

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
a_refused_job_is_given_up_and_may_be_sent_again(void **state)
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
	assert_int_equal(query("SELECT count(*) FROM jobs WHERE data IS NOT NULL"), 1);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(an_event_makes_its_jobs_once),
	    STORE_TEST(a_leased_job_is_nobody_elses),
	    STORE_TEST(a_sent_job_is_finished_and_its_data_are_gone),
	    STORE_TEST(a_refused_job_is_given_up_and_may_be_sent_again),
	    STORE_TEST(a_failed_attempt_is_followed_by_another),
	    STORE_TEST(who_lost_the_lease_records_nothing),
	    STORE_TEST(a_plan_that_is_rolled_back_leaves_nothing),
	    STORE_TEST(what_is_due_is_counted),
	};

	log_init("test", LOG_WARN, STDERR_FILENO);
	return cmocka_run_group_tests(tests, start_database, remove_database);
}

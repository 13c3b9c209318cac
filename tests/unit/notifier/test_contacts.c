/* What the store knows of people, and what becomes of their jobs. */
#include "tests/unit/notifier/job_rig.h"

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
what_waits_for_a_deleted_account_is_ended_and_blanked(void **state)
{
	struct id user = new_id();
	struct planned_job planned;
	struct plan first = plan_for(&user, &planned);
	struct plan second = plan_for(&user, &planned);
	struct plan deleted = plan_of_contact(&user, "", 1000);
	struct job job;

	(void)state;
	deleted.contact.deleted = true;
	deleted.contact.name = "";
	(void)add(&first);
	assert_err(ERR_OK, lease(&job));
	assert_err(ERR_OK, record(&job, ATTEMPT_TRY_LATER, LEASE_MS));
	(void)add(&second);
	assert_err(ERR_OK, lease(&job));
	(void)add(&deleted);
	assert_err(ERR_CONFLICT, record(&job, ATTEMPT_SENT, 0)); /* too late */
	assert_err(ERR_NOT_FOUND, lease(&job));
	assert_int_equal(query("SELECT count(*) FROM jobs WHERE state = 'failed' AND data IS NULL"
			       " AND finished_at IS NOT NULL"),
	    2);
	assert_int_equal(
	    query("SELECT count(*) FROM attempts WHERE detail = 'the account was deleted'"), 2);
	assert_int_equal(query("SELECT count(*) FROM attempts WHERE detail = ''"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(a_job_waits_for_its_contact_and_no_longer),
	    STORE_TEST(a_contact_learnt_during_the_lease_is_not_waited_for),
	    STORE_TEST(the_latest_address_counts_in_whatever_order_it_comes),
	    STORE_TEST(a_deleted_account_stays_deleted),
	    STORE_TEST(what_waits_for_a_deleted_account_is_ended_and_blanked),
	};

	log_init("test", LOG_WARN, STDERR_FILENO);
	return cmocka_run_group_tests(tests, start_database, remove_database);
}

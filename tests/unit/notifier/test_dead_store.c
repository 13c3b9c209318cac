#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/notifier/job_rig.h"

#include "notifier/dead_store.h"

/* A job in STATE, with data or without. */
static struct id
add_finished(const char *job_state, bool has_data)
{
	const struct id id = new_id();
	char text[512];

	(void)snprintf(text, sizeof(text),
	    "INSERT INTO jobs (id, event_id, event_type, channel, template, recipient, data, state,"
	    " attempts, finished_at) VALUES ('%s', id_new(), 'order.created', 'email', 'receipt',"
	    " id_new(), %s, '%s', 3, now())",
	    id.text, has_data ? "'{}'" : "NULL", job_state);
	(void)query(text);
	return id;
}

static void
what_was_given_up_is_listed_with_its_reason(void **state)
{
	const struct deadline deadline = patience();
	const struct id id = add_finished("failed", true);
	char *text = NULL;
	size_t len = 0;
	int64_t count = -1;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(out);
	(void)add_finished("sent", true);
	(void)query("INSERT INTO attempts (job_id, number, duration_ms, result, detail)"
		    " SELECT id, 3, 1, 'refused', '550 nobody' FROM jobs WHERE state = 'failed'");
	assert_err(ERR_OK, dead_store_list(pg, &deadline, out, &count));
	assert_int_equal(fclose(out), 0);
	assert_int_equal(count, 1);
	assert_memory_equal(text, "job\t", 4);
	assert_non_null(strstr(text, id.text));
	assert_non_null(strstr(text, "email/receipt\t550 nobody\n"));
	free(text);
}

static void
what_is_sent_again_is_due_from_the_beginning(void **state)
{
	const struct deadline deadline = patience();
	const struct id failed = add_finished("failed", true);
	const struct id sent = add_finished("sent", true);
	const struct id ids[] = {failed, sent, new_id()};
	int64_t done = -1;

	(void)state;
	(void)add_finished("failed", false);
	assert_err(ERR_OK, dead_store_replay(pg, &deadline, ids, 3, &done));
	assert_int_equal(done, 1);
	assert_int_equal(
	    query("SELECT count(*) FROM jobs WHERE state = 'queued' AND due_at <= now()"
		  " AND schedule_from = attempts AND finished_at IS NULL"),
	    1);
	/* All that is left has nothing to send. */
	assert_err(ERR_OK, dead_store_replay(pg, &deadline, NULL, 0, &done));
	assert_int_equal(done, 0);
}

static void
what_is_dropped_is_gone_and_nothing_else(void **state)
{
	const struct deadline deadline = patience();
	const struct id failed = add_finished("failed", true);
	const struct id sent = add_finished("sent", true);
	const struct id ids[] = {failed, sent};
	int64_t done = -1;

	(void)state;
	(void)add_finished("failed", true);
	assert_err(ERR_OK, dead_store_drop(pg, &deadline, ids, 2, &done));
	assert_int_equal(done, 1);
	assert_int_equal(query("SELECT count(*) FROM jobs"), 2);
	assert_err(ERR_OK, dead_store_drop(pg, &deadline, NULL, 0, &done));
	assert_int_equal(done, 1);
	assert_int_equal(query("SELECT count(*) FROM jobs WHERE state = 'sent'"), 1);
}

static void
what_is_old_and_finished_is_forgotten_by_the_batch(void **state)
{
	const struct deadline deadline = patience();
	int64_t later_ms = clock_now_ms(&clock_system) + 1000;
	int64_t done = -1;

	(void)state;
	for (int i = 0; i < 3; i++)
		(void)add_finished("sent", true);
	(void)add_finished("queued", true);
	assert_err(ERR_OK, dead_store_forget(pg, &deadline, later_ms - 3600000, 10, &done));
	assert_int_equal(done, 0);
	assert_err(ERR_OK, dead_store_forget(pg, &deadline, later_ms, 2, &done));
	assert_int_equal(done, 2);
	assert_err(ERR_OK, dead_store_forget(pg, &deadline, later_ms, 2, &done));
	assert_int_equal(done, 1);
	assert_int_equal(query("SELECT count(*) FROM jobs WHERE state = 'queued'"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(what_was_given_up_is_listed_with_its_reason),
	    STORE_TEST(what_is_sent_again_is_due_from_the_beginning),
	    STORE_TEST(what_is_dropped_is_gone_and_nothing_else),
	    STORE_TEST(what_is_old_and_finished_is_forgotten_by_the_batch),
	};

	log_init("test", LOG_ERROR, 2);
	return cmocka_run_group_tests(tests, start_database, remove_database);
}

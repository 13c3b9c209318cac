#include <unistd.h>

#include "tests/unit/notifier/notifier_rig.h"

#include "fcgi/notifications/history_store.h"
#include "shared/base/str.h"

#define ANNA    "01890000-0000-7000-8000-00000000000a"
#define BERT    "01890000-0000-7000-8000-00000000000b"
#define WEBHOOK "01890000-0000-7000-8000-0000000000c1"
#define JOB     "01890000-0000-7000-8000-0000000000d1"
#define NEWER   "01890000-0000-7000-8000-0000000000d2"
#define MISSING "01890000-0000-7000-8000-0000000000d9"

static struct deadline deadline;
static struct fault fault;

static const struct id anna = {ANNA};
static const struct id bert = {BERT};
static const struct id webhook = {WEBHOOK};
static const struct id job = {JOB};

/* Anna's webhook with one delivery that failed after its second attempt. */
static int
set_up(void **state)
{
	(void)state;
	deadline = patience();
	arena_reset(arena);
	fault_init(&fault, arena);
	(void)query("TRUNCATE jobs, attempts, webhooks");
	(void)query("INSERT INTO webhooks (id, owner_id, url, events, secret) VALUES ('" WEBHOOK
		    "', '" ANNA "', 'https://example.org/', '{order.created}', 'whsec_x')");
	(void)query(
	    "INSERT INTO jobs (id, event_id, event_type, channel, template, recipient, data,"
	    " state, attempts, finished_at, due_at) VALUES ('" JOB "', '" JOB
	    "', 'order.created', 'webhook', '', '" WEBHOOK
	    "', '{}', 'failed', 2, now(), now() - interval '1 hour')");
	(void)query(
	    "INSERT INTO attempts (job_id, number, duration_ms, result, detail, status_code,"
	    " response) VALUES ('" JOB "', 1, 30000, 'try_later', 'It took too long.', NULL,"
	    " NULL), ('" JOB "', 2, 12, 'refused', '', 410, 'Gone')");
	return 0;
}

static struct call
call_by(const struct id *owner)
{
	return (struct call){
	    .arena = arena,
	    .pg = pg,
	    .deadline = &deadline,
	    .fault = &fault,
	    .owner = owner,
	    .now_ms = clock_now_ms(&clock_system),
	};
}

static const char *
job_state(void)
{
	return query_text(
	    "SELECT state || ' ' || attempts || ' ' || schedule_from || ' ' ||"
	    " CASE WHEN due_at > now() - interval '1 minute' THEN 'now' ELSE 'then' END"
	    " FROM jobs WHERE id = '" JOB "'");
}

static void
attempts_are_told_with_their_answers(void **state)
{
	const struct call call = call_by(&anna);
	const struct id missing = {MISSING};
	struct delivery delivery;

	(void)state;
	assert_err(ERR_OK, history_store_get(&call, &webhook, &job, &delivery));
	assert_string_equal(delivery.event_type, "order.created");
	assert_int_equal(delivery.state, DELIVERY_FAILED);
	assert_int_equal(delivery.attempt_count, 2);
	assert_string_equal(delivery.attempts[0].result, "try_later");
	assert_string_equal(delivery.attempts[0].error, "It took too long.");
	assert_false(delivery.attempts[0].has_status_code);
	assert_null(delivery.attempts[0].response);
	assert_int_equal(delivery.attempts[0].duration_ms, 30000);
	assert_null(delivery.attempts[1].error);
	assert_int_equal(delivery.attempts[1].status_code, 410);
	assert_string_equal(delivery.attempts[1].response, "Gone");
	assert_err(ERR_NOT_FOUND, history_store_get(&call, &webhook, &missing, &delivery));
	assert_err(ERR_NOT_FOUND, history_store_get(&call, &missing, &job, &delivery));
}

static void
the_newest_come_first_with_their_latest_attempts(void **state)
{
	const struct call call = call_by(&anna);
	const struct id newer = {NEWER};
	struct delivery *list;
	size_t count;

	(void)state;
	(void)query(
	    "INSERT INTO jobs (id, event_id, event_type, channel, template, recipient, data)"
	    " VALUES ('" NEWER "', '" NEWER "', 'order.shipped', 'webhook', '', '" WEBHOOK
	    "', '{}'), ('" MISSING "', '" NEWER "', 'order.shipped', 'email', 'x', '" WEBHOOK
	    "', '{}')");
	(void)query("INSERT INTO attempts (job_id, number, duration_ms, result, detail)"
		    " SELECT '" NEWER "', n, n, 'try_later', '' FROM generate_series(1, 25) AS n");
	assert_err(
	    ERR_OK, history_store_list(&call, &webhook, "webhook", NULL, 100, &list, &count));
	assert_int_equal(count, 2);
	assert_true(id_equal(&list[0].id, &newer));
	assert_int_equal(list[0].attempt_count, DELIVERY_ATTEMPTS_MAX);
	assert_int_equal(list[0].attempts[0].duration_ms, 16);
	assert_int_equal(list[0].attempts[9].duration_ms, 25);
	assert_int_equal(list[1].attempt_count, 2);
	assert_err(ERR_OK,
	    history_store_list(&call, &webhook, "webhook", &list[0].id, 100, &list, &count));
	assert_int_equal(count, 1);
	assert_true(id_equal(&list[0].id, &job));
	assert_err(ERR_OK, history_store_list(&call, &anna, "webhook", NULL, 100, &list, &count));
	assert_int_equal(count, 0);
}

static void
a_delivery_goes_through_its_schedule_again(void **state)
{
	const struct call call = call_by(&anna);
	const struct call other = call_by(&bert);

	(void)state;
	assert_err(ERR_NOT_FOUND, history_store_again(&other, &webhook, &job));
	assert_string_equal(job_state(), "failed 2 0 then");
	assert_err(ERR_OK, history_store_again(&call, &webhook, &job));
	assert_string_equal(job_state(), "queued 2 2 now");
	assert_null(query_text("SELECT finished_at FROM jobs"));
}

static void
one_that_waits_is_due_at_once(void **state)
{
	const struct call call = call_by(&anna);

	(void)state;
	(void)query("UPDATE jobs SET state = 'queued', finished_at = NULL");
	assert_err(ERR_OK, history_store_again(&call, &webhook, &job));
	assert_string_equal(job_state(), "queued 2 2 now");
}

/* It has been leased for a third attempt, whose end is not recorded yet. */
static void
one_that_is_under_way_is_left_alone(void **state)
{
	const struct call call = call_by(&anna);

	(void)state;
	(void)query("UPDATE jobs SET state = 'queued', finished_at = NULL, attempts = 3");
	assert_err(ERR_OK, history_store_again(&call, &webhook, &job));
	assert_string_equal(job_state(), "queued 3 0 then");
}

static void
some_can_not_be_sent_again(void **state)
{
	const struct call call = call_by(&anna);

	(void)state;
	(void)query("UPDATE jobs SET data = NULL");
	assert_err(ERR_CONFLICT, history_store_again(&call, &webhook, &job));
	assert_string_equal(fault.detail, "The event is too large for a webhook.");
	(void)query("UPDATE webhooks SET status = 'disabled'");
	assert_err(ERR_CONFLICT, history_store_again(&call, &webhook, &job));
	assert_string_equal(fault.detail, "The webhook is disabled.");
	assert_string_equal(job_state(), "failed 2 0 then");
}

static void
a_ping_is_a_delivery(void **state)
{
	const struct call call = call_by(&anna);
	const struct call other = call_by(&bert);
	const struct event_head head = {.id = {NEWER}, .type = "webhook.ping"};
	struct delivery delivery;
	struct id id;

	(void)state;
	assert_err(ERR_NOT_FOUND, history_store_add(&other, &webhook, &head, "{}", &id));
	assert_err(ERR_OK, history_store_add(&call, &webhook, &head, "{}", &id));
	assert_err(ERR_OK, history_store_get(&call, &webhook, &id, &delivery));
	assert_string_equal(delivery.event_id.text, NEWER);
	assert_string_equal(delivery.event_type, "webhook.ping");
	assert_int_equal(delivery.state, DELIVERY_QUEUED);
	assert_int_equal(delivery.attempt_count, 0);
}

#define test(function) cmocka_unit_test_setup(function, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    test(attempts_are_told_with_their_answers),
	    test(the_newest_come_first_with_their_latest_attempts),
	    test(a_delivery_goes_through_its_schedule_again),
	    test(one_that_waits_is_due_at_once),
	    test(one_that_is_under_way_is_left_alone),
	    test(some_can_not_be_sent_again),
	    test(a_ping_is_a_delivery),
	};

	log_init("test", LOG_WARN, STDERR_FILENO);
	return cmocka_run_group_tests_name(
	    "notifications/history_store", tests, start_database, remove_database);
}

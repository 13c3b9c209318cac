#include <unistd.h>

#include "tests/unit/notifier/database.h"
#include "tests/unit/unit.h"

#include "fcgi/notifications/history_store.h"
#include "shared/base/log.h"
#include "shared/base/str.h"
#include "shared/infra/pg.h"

#define ANNA    "01890000-0000-7000-8000-00000000000a"
#define BERT    "01890000-0000-7000-8000-00000000000b"
#define WEBHOOK "01890000-0000-7000-8000-0000000000c1"
#define JOB     "01890000-0000-7000-8000-0000000000d1"
#define NEWER   "01890000-0000-7000-8000-0000000000d2"
#define MISSING "01890000-0000-7000-8000-0000000000d9"

extern const struct migration notifier_migrations[];

static struct database database;
static struct pg *pg;
static struct arena *arena;
static struct deadline patience;
static struct fault fault;

static const struct id anna = {ANNA};
static const struct id bert = {BERT};
static const struct id webhook = {WEBHOOK};
static const struct id job = {JOB};

static int
start_database(void **state)
{
	(void)state;
	patience = deadline_in(&clock_system, 60000);
	if (database_new(&database) != 0 || pg_new(database.url, 0, &clock_system, &pg) != ERR_OK ||
	    pg_migrate(pg, notifier_migrations, NULL) != ERR_OK)
		return -1;
	return arena_new((size_t)4 * 1024 * 1024, &arena) == ERR_OK ? 0 : -1;
}

static int
remove_database(void **state)
{
	(void)state;
	pg_free(&pg);
	arena_free(&arena);
	return database_remove(&database);
}

/* Runs SQL of the test's own and returns the first column of its first row. */
static const char *
query(const char *sql)
{
	const struct pg_statement statement = {"test", sql};
	struct pg_result *result = NULL;
	struct pg *other = NULL;
	const char *text = NULL;

	/* Statements are known by their address: each of these gets a connection of its own. */
	assert_err(ERR_OK, pg_new(database.url, 0, &clock_system, &other));
	assert_err(ERR_OK, pg_run(other, &patience, &statement, NULL, 0, &result));
	if (pg_rows(result) > 0 && !pg_is_null(result, 0, 0))
		text = arena_strdup(arena, pg_text(result, 0, 0));
	pg_result_free(&result);
	pg_free(&other);
	return text;
}

/* Anna's webhook with one delivery that failed after its second attempt. */
static int
set_up(void **state)
{
	(void)state;
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
	    .deadline = &patience,
	    .fault = &fault,
	    .owner = owner,
	    .now_ms = clock_now_ms(&clock_system),
	};
}

static const char *
job_state(void)
{
	return query("SELECT state || ' ' || attempts || ' ' || schedule_from || ' ' ||"
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
	assert_null(query("SELECT finished_at FROM jobs"));
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

#include "tests/unit/infra/http_server.h"
#include "tests/unit/notifier/job_rig.h"

#include "notifier/app.h"
#include "notifier/deliver_webhook.h"
#include "notifier/webhook.h"
#include "shared/edge/metrics.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define LAST_S 3 /* of which calls that are under way have one */
#define SENT   "SELECT count(*) FROM jobs WHERE state = 'sent'"

static struct http_server server;
static struct notifier_settings settings;
static struct app app;
static struct deliverer *deliverer;

static int
start_all(void **state)
{
	http_server_start(&server);
	return start_database(state);
}

static int
stop_all(void **state)
{
	http_server_stop(&server);
	return remove_database(state);
}

static int
start_deliverer(void **state)
{
	(void)state;
	(void)query("TRUNCATE jobs, attempts, webhooks, outbox");
	settings = (struct notifier_settings){
	    .program.shutdown_timeout_s = LAST_S,
	    .database.url = database.url,
	    .webhook = {.allow_http = true, .allow_private = true},
	    .webhook_timeout_ms = 30000,
	    .webhook_transfers = 8,
	    .webhook_endpoint_transfers = 4,
	};
	app = (struct app){.settings = &settings, .clock = &clock_system};
	if (metrics_new(&app.metrics) != ERR_OK || wake_new(&app.wake) != ERR_OK)
		return -1;
	return deliverer_start(&app, &deliverer) == ERR_OK ? 0 : -1;
}

static void
stop(void)
{
	const struct deadline deadline = patience();

	wake_stop(app.wake);
	assert_err(ERR_OK, deliverer_join(&deliverer, &deadline));
}

static int
end_deliverer(void **state)
{
	(void)state;
	if (deliverer != NULL)
		stop();
	metrics_free(&app.metrics);
	wake_free(&app.wake);
	return 0;
}

/* One delivery, to PATH of the server, with a body of BYTES. */
static void
add_delivery(const char *path, int bytes)
{
	const struct id id = new_id();
	char text[1024];

	(void)snprintf(text, sizeof(text),
	    "WITH hook AS (INSERT INTO webhooks (id, owner_id, url, events, secret) VALUES"
	    " ('%s', id_new(), '%s%s', '{order.created}', '" SECRET "'))"
	    " INSERT INTO jobs (id, event_id, event_type, channel, template, recipient, data)"
	    " SELECT id_new(), id_new(), 'order.created', 'webhook', '', '%s', repeat('x', %d)",
	    id.text, server.url, path, id.text, bytes);
	(void)query(text);
	wake_all(app.wake);
}

static void
await(const char *sql, int64_t wanted)
{
	const struct deadline deadline = patience();

	while (query(sql) != wanted)
		assert_true(deadline_left_ms(&deadline) > 0);
}

static void
await_call(const char *path)
{
	const struct deadline deadline = patience();

	while (http_server_row(&server, path).asked == 0)
		assert_true(deadline_left_ms(&deadline) > 0);
}

/* As the metrics tell, which need no database. */
static void
await_answer(void)
{
	const struct deadline deadline = patience();
	bool answered = false;

	while (!answered) {
		struct buf text;

		assert_true(deadline_left_ms(&deadline) > 0);
		buf_init(&text, (size_t)64 * 1024);
		metrics_write(app.metrics, &text);
		assert_err(ERR_OK, buf_finish(&text));
		answered = strstr(text.data, "result=\"sent\"} 1") != NULL;
		buf_fini(&text);
	}
}

/* --- a stop with calls under way -------------------------------------------------------------- */

static void
an_answer_that_comes_while_it_stops_is_kept(void **state)
{
	(void)state;
	http_server_say(&server, "/slow", 200, "", "");
	http_server_hang(&server, "/slow", true);
	add_delivery("/slow", 10);
	await_call("/slow");
	wake_stop(app.wake);
	http_server_hang(&server, "/slow", false);
	stop();
	assert_int_equal(query(SENT), 1);
}

static void
a_call_that_does_not_end_is_broken_off_and_due_again(void **state)
{
	(void)state;
	http_server_say(&server, "/never", 200, "", "");
	http_server_hang(&server, "/never", true);
	add_delivery("/never", 10);
	await_call("/never");
	stop();
	http_server_hang(&server, "/never", false);
	assert_int_equal(query("SELECT count(*) FROM jobs WHERE state = 'queued' AND due_at <"
			       " now() + interval '10 seconds'"),
	    1);
	assert_int_equal(query("SELECT count(*) FROM attempts WHERE result = 'try_later' AND"
			       " detail LIKE 'interrupted%'"),
	    1);
}

/* --- a database that is away ------------------------------------------------------------------ */

static void
results_wait_while_the_database_is_away(void **state)
{
	static const struct pg_statement go_away = {
	    .name = "go_away", .sql = "ALTER ROLE test NOLOGIN"};
	static const struct pg_statement end_others = {.name = "end_others",
	    .sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
		   " WHERE datname = 'postgres' AND pid <> pg_backend_pid()"};
	static const struct pg_statement come_back = {
	    .name = "come_back", .sql = "ALTER ROLE test LOGIN"};
	const struct deadline deadline = patience();

	(void)state;
	http_server_say(&server, "/while", 200, "", "");
	http_server_hang(&server, "/while", true);
	add_delivery("/while", 10);
	await_call("/while");
	assert_err(ERR_OK, pg_run(pg, &deadline, &go_away, NULL, 0, NULL));
	assert_err(ERR_OK, pg_run(pg, &deadline, &end_others, NULL, 0, NULL));
	http_server_hang(&server, "/while", false);
	await_answer();
	assert_err(ERR_OK, pg_run(pg, &deadline, &come_back, NULL, 0, NULL));
	await(SENT, 1);
	assert_int_equal(http_server_row(&server, "/while").asked, 1);
	assert_int_equal(query("SELECT count(*) FROM attempts"), 1);
}

static void
a_delivery_without_a_body_is_given_up_uncalled(void **state)
{
	(void)state;
	http_server_say(&server, "/large", 200, "", "");
	add_delivery("/large", 20 * 1024);
	await(SENT, 1);
	(void)query("UPDATE jobs SET state = 'queued', data = NULL");
	wake_all(app.wake);
	await("SELECT count(*) FROM jobs WHERE state = 'failed'", 1);
	assert_int_equal(http_server_row(&server, "/large").asked, 1);
	assert_int_equal(
	    query("SELECT count(*) FROM attempts WHERE detail = 'the event is too large'"), 1);
}

#define DELIVERER_TEST(name) cmocka_unit_test_setup_teardown(name, start_deliverer, end_deliverer)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    DELIVERER_TEST(an_answer_that_comes_while_it_stops_is_kept),
	    DELIVERER_TEST(a_call_that_does_not_end_is_broken_off_and_due_again),
	    DELIVERER_TEST(results_wait_while_the_database_is_away),
	    DELIVERER_TEST(a_delivery_without_a_body_is_given_up_uncalled),
	};

	log_init("test", LOG_ERROR, 2);
	return cmocka_run_group_tests(tests, start_all, stop_all);
}

#include <stdio.h>
#include <string.h>

#include "tests/unit/notifier/job_rig.h"

#include "notifier/webhook.h"
#include "notifier/webhook_outcome.h"
#include "notifier/webhook_record.h"

static struct delivery deliveries[DELIVERY_LOOK_MAX];
static size_t found;

static void
forget_found(void)
{
	for (size_t i = 0; i < found; i++)
		arena_free(&deliveries[i].arena);
	found = 0;
}

static int
empty(void **state)
{
	(void)state;
	(void)query("TRUNCATE jobs, attempts, webhooks, outbox");
	return 0;
}

static int
forget(void **state)
{
	(void)state;
	forget_found();
	return 0;
}

/* Runs a statement made of these parts. */
static void
sql(const char *begin, const char *value, const char *rest)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "%s'%s'%s", begin, value, rest);
	(void)query(text);
}

static struct id
add_webhook(void)
{
	const struct id id = new_id();

	sql("INSERT INTO webhooks (id, owner_id, url, events, secret) VALUES (", id.text,
	    ", id_new(), 'https://example.org/', '{order.created}', 'whsec_x')");
	return id;
}

/* Deliveries to WEBHOOK that are due. */
static void
add_deliveries(const struct id *webhook, int count)
{
	for (int i = 0; i < count; i++)
		sql("INSERT INTO jobs (id, event_id, event_type, channel, template, recipient,"
		    " data) SELECT id_new(), id_new(), 'order.created', 'webhook', '', ",
		    webhook->text, ", '{}'");
}

static void
look(struct delivery_look *request)
{
	struct delivery *at[DELIVERY_LOOK_MAX];
	const struct deadline deadline = patience();

	forget_found();
	for (size_t i = 0; i < DELIVERY_LOOK_MAX; i++)
		at[i] = &deliveries[i];
	assert_err(ERR_OK, delivery_store_lease(pg, &deadline, request, at, &found));
}

static struct delivery_look
request_of(int64_t endpoint_max, size_t max)
{
	return (struct delivery_look){.lease_ms = LEASE_MS,
	    .endpoint_max = endpoint_max,
	    .max = max,
	    .from = DELIVERY_FROM_START};
}

static size_t
found_for(const struct id *webhook)
{
	size_t count = 0;

	for (size_t i = 0; i < found; i++)
		count += id_equal(&deliveries[i].webhook_id, webhook) ? 1 : 0;
	return count;
}

/* --- leasing ---------------------------------------------------------------------------------- */

static void
each_endpoint_has_its_share(void **state)
{
	struct delivery_look request = request_of(3, DELIVERY_LOOK_MAX);
	const struct id busy_one = add_webhook();
	const struct id other = add_webhook();
	const struct delivery_busy busy = {.webhook_id = busy_one, .transfers = 1};

	(void)state;
	add_deliveries(&busy_one, 10);
	add_deliveries(&other, 2);
	request.busy = &busy;
	request.busy_count = 1;
	look(&request);
	assert_int_equal(found_for(&busy_one), 2);
	assert_int_equal(found_for(&other), 2);
	assert_true(request.at_end);
	assert_true(deliveries[0].has_webhook && deliveries[0].active && !deliveries[0].failing);
	assert_string_equal(deliveries[0].secret, "whsec_x");
	assert_null(deliveries[0].previous_secret);
	assert_int_equal(deliveries[0].attempt, 1);
}

static void
what_is_leased_is_nobody_elses(void **state)
{
	struct delivery_look request = request_of(5, DELIVERY_LOOK_MAX);
	const struct id webhook = add_webhook();

	(void)state;
	add_deliveries(&webhook, 3);
	look(&request);
	assert_int_equal(found, 3);
	request = request_of(5, DELIVERY_LOOK_MAX);
	look(&request);
	assert_int_equal(found, 0);
}

/* An endpoint beyond those that one statement looks at has its turn all the same. */
static void
all_of_many_endpoints_have_their_turn(void **state)
{
	struct delivery_look request = request_of(1, DELIVERY_LOOK_MAX);
	size_t total = 0;

	(void)state;
	(void)query("INSERT INTO jobs (id, event_id, event_type, channel, template, recipient,"
		    " data) SELECT id_new(), id_new(), 'order.created', 'webhook', '', id_new(),"
		    " '{}' FROM generate_series(1, 450)");
	for (int looks = 0; looks < 20 && (looks == 0 || !request.at_end); looks++) {
		look(&request);
		total += found;
	}
	assert_true(request.at_end);
	assert_int_equal(total, 450);
	/* Of hundreds only the last has something that is due. */
	(void)query("UPDATE jobs SET due_at = now() - interval '1 second' WHERE recipient ="
		    " (SELECT recipient FROM jobs ORDER BY recipient DESC LIMIT 1)");
	request = request_of(1, DELIVERY_LOOK_MAX);
	total = 0;
	for (int looks = 0; looks < 20 && (looks == 0 || !request.at_end); looks++) {
		look(&request);
		total += found;
	}
	assert_int_equal(total, 1);
}

/* --- recording -------------------------------------------------------------------------------- */

static int64_t
record_all(enum attempt_result result, int64_t status_code, bool called)
{
	struct webhook_ending endings[DELIVERY_LOOK_MAX];
	const struct webhook_ending *at[DELIVERY_LOOK_MAX];
	int64_t disabled = -1;

	for (size_t i = 0; i < found; i++) {
		endings[i] = (struct webhook_ending){.delivery = &deliveries[i], .called = called};
		webhook_outcome_unsent(&deliveries[i], result, "why", &endings[i].result);
		endings[i].result.status_code = status_code;
		at[i] = &endings[i];
	}
	assert_err(ERR_OK, webhook_record(pg, &clock_system, arena, at, found, &disabled));
	return disabled;
}

static void
how_it_went_is_kept_once(void **state)
{
	struct delivery_look request = request_of(5, DELIVERY_LOOK_MAX);
	const struct id webhook = add_webhook();

	(void)state;
	add_deliveries(&webhook, 3);
	look(&request);
	assert_int_equal(record_all(ATTEMPT_SENT, 204, true), 0);
	assert_int_equal(query("SELECT count(*) FROM jobs WHERE state = 'sent'"), 3);
	assert_int_equal(query("SELECT count(*) FROM attempts WHERE status_code = 204"), 3);
	/* The lease is over: a second word about it is nobody's. */
	assert_int_equal(record_all(ATTEMPT_REFUSED, 500, true), 0);
	assert_int_equal(query("SELECT count(*) FROM jobs WHERE state = 'sent'"), 3);
	assert_int_equal(query("SELECT count(*) FROM attempts"), 3);
}

static void
who_holds_an_old_lease_records_nothing(void **state)
{
	struct delivery_look request = request_of(5, DELIVERY_LOOK_MAX);
	const struct id webhook = add_webhook();

	(void)state;
	add_deliveries(&webhook, 1);
	look(&request);
	(void)query("UPDATE jobs SET attempts = attempts + 1");
	assert_int_equal(record_all(ATTEMPT_SENT, 204, true), 0);
	assert_int_equal(query("SELECT count(*) FROM jobs WHERE state = 'queued'"), 1);
	assert_int_equal(query("SELECT count(*) FROM attempts"), 0);
}

static void
an_endpoint_that_is_gone_is_disabled_and_its_owner_told(void **state)
{
	struct delivery_look request = request_of(5, DELIVERY_LOOK_MAX);
	const struct id webhook = add_webhook();

	(void)state;
	add_deliveries(&webhook, 2);
	look(&request);
	assert_int_equal(record_all(ATTEMPT_REFUSED, WEBHOOK_STATUS_GONE, true), 1);
	assert_int_equal(query("SELECT count(*) FROM webhooks WHERE status = 'disabled'"), 1);
	assert_int_equal(query("SELECT count(*) FROM outbox WHERE type = 'webhook.disabled'"), 1);
}

static void
what_was_not_called_says_nothing_about_its_endpoint(void **state)
{
	struct delivery_look request = request_of(5, DELIVERY_LOOK_MAX);
	const struct id webhook = add_webhook();

	(void)state;
	sql("UPDATE webhooks SET failing_since = now() - interval '6 days' WHERE id = ",
	    webhook.text, "");
	add_deliveries(&webhook, 1);
	look(&request);
	assert_true(deliveries[0].failing);
	assert_int_equal(record_all(ATTEMPT_TRY_LATER, 0, false), 0);
	assert_int_equal(query("SELECT count(*) FROM webhooks WHERE status = 'active'"), 1);
	/* One that was called and fails once more comes to its end. */
	(void)query("UPDATE jobs SET due_at = now()");
	request = request_of(5, DELIVERY_LOOK_MAX);
	look(&request);
	assert_int_equal(record_all(ATTEMPT_TRY_LATER, 500, true), 1);
	assert_int_equal(query("SELECT count(*) FROM webhooks WHERE status = 'disabled'"), 1);
}

static void
one_success_ends_the_failing(void **state)
{
	struct delivery_look request = request_of(5, DELIVERY_LOOK_MAX);
	const struct id webhook = add_webhook();

	(void)state;
	sql("UPDATE webhooks SET failing_since = now() - interval '4 days' WHERE id = ",
	    webhook.text, "");
	add_deliveries(&webhook, 1);
	look(&request);
	assert_int_equal(record_all(ATTEMPT_SENT, 200, true), 0);
	assert_int_equal(query("SELECT count(*) FROM webhooks WHERE failing_since IS NULL"), 1);
}

#define DELIVERY_TEST(name) cmocka_unit_test_setup_teardown(name, empty, forget)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    DELIVERY_TEST(each_endpoint_has_its_share),
	    DELIVERY_TEST(what_is_leased_is_nobody_elses),
	    DELIVERY_TEST(all_of_many_endpoints_have_their_turn),
	    DELIVERY_TEST(how_it_went_is_kept_once),
	    DELIVERY_TEST(who_holds_an_old_lease_records_nothing),
	    DELIVERY_TEST(an_endpoint_that_is_gone_is_disabled_and_its_owner_told),
	    DELIVERY_TEST(what_was_not_called_says_nothing_about_its_endpoint),
	    DELIVERY_TEST(one_success_ends_the_failing),
	};

	log_init("test", LOG_ERROR, 2);
	return cmocka_run_group_tests(tests, start_database, remove_database);
}

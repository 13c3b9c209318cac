#include <stdio.h>
#include <unistd.h>

#include "tests/unit/notifier/notifier_rig.h"

#include "notifier/webhook_store.h"
#include "shared/base/str.h"

#define ORDER_CREATED "order.created"
#define ORDER_SHIPPED "order.shipped"
#define BOTH          "order.shipped,order.created"

static struct deadline deadline;

static int
empty_database(void **state)
{
	(void)state;
	deadline = patience();
	(void)query("TRUNCATE jobs, attempts, webhooks, webhook_requests, outbox");
	arena_reset(arena);
	return 0;
}

static enum err
try_add(const struct id *owner, const char *events, struct webhook *out)
{
	const struct new_webhook webhook = {
	    .id = new_id(),
	    .owner_id = *owner,
	    .url = "https://example.org/a?b=c",
	    .events = events,
	    .secret = "whsec_first",
	};
	auto_pg_tx struct pg *tx = pg;

	TRY(pg_begin(tx, &deadline));
	TRY(webhook_store_add(tx, &deadline, arena, &webhook, out));
	return pg_commit(tx, &deadline);
}

static struct webhook
add(const struct id *owner, const char *events)
{
	struct webhook webhook;

	assert_err(ERR_OK, try_add(owner, events, &webhook));
	return webhook;
}

static int64_t
fan_out(const struct webhook_copy *copies, size_t count)
{
	int64_t added = -1;

	assert_err(ERR_OK, pg_begin(pg, &deadline));
	assert_err(ERR_OK, webhook_store_fan_out(pg, &deadline, copies, count, &added));
	assert_err(ERR_OK, pg_commit(pg, &deadline));
	return added;
}

static struct event_head
event(const char *type)
{
	return (struct event_head){.id = new_id(), .type = type, .traceparent = "00-a-b-01"};
}

static void
a_webhook_is_kept_as_it_was_given(void **state)
{
	const struct id owner = new_id();
	const struct id other = new_id();
	struct webhook made = add(&owner, BOTH);
	struct webhook got;

	(void)state;
	assert_true(id_equal(&made.owner_id, &owner));
	assert_string_equal(made.url, "https://example.org/a?b=c");
	assert_string_equal(made.events, BOTH);
	assert_true(made.active);
	assert_null(made.disabled_reason);
	assert_int_equal(made.created_at_ms, made.updated_at_ms);
	assert_err(ERR_OK, webhook_store_get(pg, &deadline, arena, &owner, &made.id, &got));
	assert_true(id_equal(&got.id, &made.id));
	assert_int_equal(got.created_at_ms, made.created_at_ms);
	assert_err(ERR_NOT_FOUND, webhook_store_get(pg, &deadline, arena, &other, &made.id, &got));
}

static void
an_owner_has_so_many_at_most(void **state)
{
	const struct id owner = new_id();
	const struct id other = new_id();
	struct webhook *list;
	struct webhook webhook;
	struct id newest;
	size_t count;

	(void)state;
	for (int i = 0; i < WEBHOOKS_PER_OWNER_MAX; i++)
		newest = add(&owner, ORDER_CREATED).id;
	assert_err(ERR_CONFLICT, try_add(&owner, ORDER_CREATED, &webhook));
	(void)add(&other, ORDER_CREATED);
	assert_err(
	    ERR_OK, webhook_store_list(pg, &deadline, arena, &owner, NULL, 3, &list, &count));
	assert_int_equal(count, 3);
	assert_true(id_equal(&list[0].id, &newest));
	assert_err(ERR_OK,
	    webhook_store_list(pg, &deadline, arena, &owner, &list[2].id, 100, &list, &count));
	assert_int_equal(count, WEBHOOKS_PER_OWNER_MAX - 3);
}

static void
a_change_leaves_the_rest(void **state)
{
	const struct id owner = new_id();
	const struct id other = new_id();
	const struct webhook_change events = {.events = ORDER_SHIPPED};
	const struct webhook_change url = {.url = "https://example.org/new"};
	struct webhook made = add(&owner, ORDER_CREATED);
	struct webhook got;

	(void)state;
	assert_err(ERR_NOT_FOUND,
	    webhook_store_change(pg, &deadline, arena, &other, &made.id, &events, &got));
	assert_err(
	    ERR_OK, webhook_store_change(pg, &deadline, arena, &owner, &made.id, &events, &got));
	assert_string_equal(got.events, ORDER_SHIPPED);
	assert_string_equal(got.url, made.url);
	assert_err(
	    ERR_OK, webhook_store_change(pg, &deadline, arena, &owner, &made.id, &url, &got));
	assert_string_equal(got.events, ORDER_SHIPPED);
	assert_string_equal(got.url, "https://example.org/new");
	assert_true(got.active);
}

static void
an_event_goes_to_those_who_asked_for_it(void **state)
{
	const struct id anna = new_id();
	const struct id bert = new_id();
	const struct webhook one = add(&anna, ORDER_CREATED);
	const struct webhook two = add(&anna, BOTH);
	const struct event_head created = event("order.created");
	const struct event_head shipped = event("order.shipped");
	const struct webhook_copy copies[] = {
	    {&created, anna, "{\"quoted\\n\\\\\": {\xC3\xA9, NULL}"},
	    {&created, bert, "{}"},
	    {&shipped, anna, "NULL"},
	};

	(void)state;
	(void)one;
	(void)add(&bert, ORDER_SHIPPED);
	assert_int_equal(fan_out(copies, 3), 3);
	/* An event may come twice. */
	assert_int_equal(fan_out(copies, 3), 0);
	assert_string_equal(query_text("SELECT count(*) FROM jobs WHERE channel = 'webhook'"
				       " AND template = '' AND traceparent = '00-a-b-01'"
				       " AND state = 'queued' AND substr(id::text, 15, 1) = '7'"),
	    "3");
	assert_string_equal(query_text("SELECT data FROM jobs WHERE event_type = 'order.created'"
				       " LIMIT 1"),
	    copies[0].body);
	assert_string_equal(
	    query_text("SELECT data FROM jobs WHERE event_type = 'order.shipped'"), "NULL");
	assert_string_equal(
	    query_text("SELECT recipient FROM jobs WHERE event_type = 'order.shipped'"),
	    two.id.text);
}

static void
a_disabled_webhook_gets_nothing(void **state)
{
	const struct id anna = new_id();
	const struct webhook made = add(&anna, ORDER_CREATED);
	const struct event_head created = event("order.created");
	const struct webhook_copy copy = {&created, anna, "{}"};
	const struct webhook_change enable = {.has_active = true, .active = true};
	struct webhook got;

	(void)state;
	assert_err(
	    ERR_OK, webhook_store_disable(pg, &deadline, arena, &made.id, "It is gone.", &got));
	assert_false(got.active);
	assert_string_equal(got.disabled_reason, "It is gone.");
	assert_err(
	    ERR_NOT_FOUND, webhook_store_disable(pg, &deadline, arena, &made.id, "Again.", &got));
	assert_int_equal(fan_out(&copy, 1), 0);
	assert_err(
	    ERR_OK, webhook_store_change(pg, &deadline, arena, &anna, &made.id, &enable, &got));
	assert_true(got.active);
	assert_null(got.disabled_reason);
	assert_int_equal(fan_out(&copy, 1), 1);
}

static void
what_is_too_large_has_failed_already(void **state)
{
	const struct id anna = new_id();
	const struct event_head created = event("order.created");
	const struct webhook_copy copy = {&created, anna, NULL};

	(void)state;
	(void)add(&anna, ORDER_CREATED);
	assert_int_equal(fan_out(&copy, 1), 0);
	assert_string_equal(query_text("SELECT state || attempts || (finished_at IS NOT NULL)"
				       " || (SELECT result || detail FROM attempts) FROM jobs"),
	    "failed1truerefusedThe event is larger than 20 KiB.");
}

static void
both_secrets_sign_while_one_follows_the_other(void **state)
{
	const struct id anna = new_id();
	const struct id other = new_id();
	const struct webhook made = add(&anna, ORDER_CREATED);
	struct webhook_target target;

	(void)state;
	assert_err(ERR_OK, webhook_store_target(pg, &deadline, arena, &made.id, &target));
	assert_string_equal(target.secret, "whsec_first");
	assert_null(target.previous_secret);
	assert_err(
	    ERR_NOT_FOUND, webhook_store_rotate(pg, &deadline, &other, &made.id, "whsec_next"));
	assert_err(ERR_OK, webhook_store_rotate(pg, &deadline, &anna, &made.id, "whsec_next"));
	assert_err(ERR_OK, webhook_store_target(pg, &deadline, arena, &made.id, &target));
	assert_string_equal(target.secret, "whsec_next");
	assert_string_equal(target.previous_secret, "whsec_first");
	(void)query("UPDATE webhooks SET previous_secret_until = now()");
	assert_err(ERR_OK, webhook_store_target(pg, &deadline, arena, &made.id, &target));
	assert_null(target.previous_secret);
	assert_err(ERR_NOT_FOUND, webhook_store_target(pg, &deadline, arena, &other, &target));
}

static void
failing_lasts_from_the_first_failure_to_a_success(void **state)
{
	const struct id anna = new_id();
	const struct webhook made = add(&anna, ORDER_CREATED);
	int64_t failing_ms = -1;

	(void)state;
	assert_err(ERR_OK, webhook_store_note(pg, &deadline, &made.id, true, &failing_ms));
	assert_int_equal(failing_ms, 0);
	assert_err(ERR_OK, webhook_store_note(pg, &deadline, &made.id, false, &failing_ms));
	assert_int_equal(failing_ms, 0);
	(void)query("UPDATE webhooks SET failing_since = now() - interval '1 hour'");
	assert_err(ERR_OK, webhook_store_note(pg, &deadline, &made.id, false, &failing_ms));
	assert_true(failing_ms >= 3600000 && failing_ms < 3700000);
	assert_err(ERR_OK, webhook_store_note(pg, &deadline, &made.id, true, &failing_ms));
	assert_int_equal(failing_ms, 0);
	assert_err(ERR_OK, webhook_store_note(pg, &deadline, &made.id, false, &failing_ms));
	assert_int_equal(failing_ms, 0);
	assert_err(ERR_OK, webhook_store_note(pg, &deadline, &anna, false, &failing_ms));
	assert_int_equal(failing_ms, 0);
}

static void
a_webhook_goes_with_its_deliveries(void **state)
{
	const struct id anna = new_id();
	const struct id bert = new_id();
	const struct webhook annas = add(&anna, ORDER_CREATED);
	const struct event_head created = event("order.created");
	const struct webhook_copy copies[] = {{&created, anna, "{}"}, {&created, bert, NULL}};

	(void)state;
	(void)add(&bert, ORDER_CREATED);
	(void)query(
	    "INSERT INTO webhook_requests (owner_id, key, fingerprint, status, content_type,"
	    " body) SELECT owner_id, 'key', '', 201, '', '' FROM webhooks");
	assert_int_equal(fan_out(copies, 2), 1);
	assert_err(ERR_NOT_FOUND, webhook_store_remove(pg, &deadline, &bert, &annas.id));
	assert_string_equal(query_text("SELECT count(*) FROM jobs"), "2");
	assert_err(ERR_OK, webhook_store_remove(pg, &deadline, &anna, &annas.id));
	assert_err(ERR_NOT_FOUND, webhook_store_remove(pg, &deadline, &anna, &annas.id));
	assert_string_equal(query_text("SELECT count(*) FROM jobs"), "1");
	assert_err(ERR_OK, pg_begin(pg, &deadline));
	assert_err(ERR_OK, webhook_store_remove_owner(pg, &deadline, &bert));
	assert_err(ERR_OK, pg_commit(pg, &deadline));
	assert_string_equal(query_text("SELECT (SELECT count(*) FROM jobs) || '|' ||"
				       " (SELECT count(*) FROM attempts) || '|' ||"
				       " (SELECT count(*) FROM webhooks) || '|' ||"
				       " (SELECT owner_id FROM webhook_requests)"),
	    arena_printf(arena, "0|0|0|%s", anna.text));
}

static void
what_is_told_waits_for_the_relay(void **state)
{
	const struct event_head head = event("webhook.disabled");

	(void)state;
	assert_err(ERR_OK, webhook_store_tell(pg, &deadline, &head, "{\"a\":1}"));
	assert_string_equal(query_text("SELECT type || traceparent || body FROM outbox"),
	    "webhook.disabled00-a-b-01{\"a\":1}");
}

#define test(function) cmocka_unit_test_setup(function, empty_database)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    test(a_webhook_is_kept_as_it_was_given),
	    test(an_owner_has_so_many_at_most),
	    test(a_change_leaves_the_rest),
	    test(an_event_goes_to_those_who_asked_for_it),
	    test(a_disabled_webhook_gets_nothing),
	    test(what_is_too_large_has_failed_already),
	    test(both_secrets_sign_while_one_follows_the_other),
	    test(failing_lasts_from_the_first_failure_to_a_success),
	    test(a_webhook_goes_with_its_deliveries),
	    test(what_is_told_waits_for_the_relay),
	};

	log_init("test", LOG_WARN, STDERR_FILENO);
	return cmocka_run_group_tests_name(
	    "notifier/webhook_store", tests, start_database, remove_database);
}

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/infra/broker.h"
#include "tests/unit/unit.h"

#include "shared/base/log.h"
#include "shared/infra/amqp.h"
#include "shared/infra/amqp_link.h"

#define PATIENCE_MS 60000

static struct broker broker;

static int
start_broker(void **state)
{
	(void)state;
	return broker_new(&broker);
}

static int
remove_broker(void **state)
{
	(void)state;
	return broker_remove(&broker);
}

static struct deadline
patience(void)
{
	return deadline_in(&clock_system, PATIENCE_MS);
}

static struct amqp *
client(const char *name)
{
	struct amqp *amqp = NULL;

	assert_err(ERR_OK, amqp_new(broker.url, name, &clock_system, &amqp));
	return amqp;
}

/* AMQP lost its connection after BEFORE_MS: as long as the pause lasts, the answer comes without a
 * try, however long the test is kept from running. */
static void
expect_a_pause(struct amqp *amqp, int64_t before_ms, struct amqp_message *any)
{
	const struct deadline deadline = patience();
	unsigned failures = amqp->failures;

	assert_true(amqp->pause_until_ms > before_ms);
	amqp->pause_until_ms = INT64_MAX;
	assert_true(amqp_pause_left_ms(amqp) > 0);
	assert_err(ERR_UNAVAILABLE, amqp_publish(amqp, &deadline, any, 1));
	assert_int_equal(amqp->failures, failures);
	amqp->pause_until_ms = 0;
}

/* Declares QUEUE, bound to KEY, and begins to consume. */
static void
consume(struct amqp *amqp, const char *queue, const char *key)
{
	const char *const bindings[] = {key, NULL};
	const struct amqp_queue wanted = {queue, bindings, "test.dead", 20};
	const struct deadline deadline = patience();

	assert_err(ERR_OK, amqp_declare_queue(amqp, &deadline, &wanted));
	assert_err(ERR_OK, amqp_consume(amqp, &deadline, queue, 100));
}

static struct amqp_message
message(const char *key, const char *id, const char *body)
{
	return (struct amqp_message){
	    .routing_key = key,
	    .message_id = id,
	    .content_type = "application/cloudevents+json",
	    .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
	    .body = span_of(body, strlen(body)),
	};
}

static void
publish_one(struct amqp *amqp, const char *key, const char *id, const char *body)
{
	struct amqp_message one = message(key, id, body);
	const struct deadline deadline = patience();

	assert_err(ERR_OK, amqp_publish(amqp, &deadline, &one, 1));
	assert_true(one.confirmed);
}

static void
expect_one(struct amqp *amqp, const char *id, const char *body, uint64_t *tag)
{
	struct amqp_delivery delivery;

	assert_err(ERR_OK, amqp_next(amqp, PATIENCE_MS, &delivery));
	assert_string_equal(delivery.message_id, id);
	assert_int_equal(delivery.body.len, strlen(body));
	assert_memory_equal(delivery.body.data, body, delivery.body.len);
	*tag = delivery.tag;
}

static void
what_is_published_is_confirmed_and_arrives_in_order(void **state)
{
	enum { COUNT = 1000 };
	static struct amqp_message many[COUNT];
	static char ids[COUNT][16];
	struct amqp *sender = client("sender");
	struct amqp *receiver = client("receiver");
	const struct deadline deadline = patience();
	struct amqp_delivery delivery;

	(void)state;
	consume(receiver, "test.order", "order.#");
	for (size_t i = 0; i < COUNT; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "id-%zu", i);
		many[i] = message("order.created", ids[i], "{}");
	}
	assert_err(ERR_OK, amqp_publish(sender, &deadline, many, COUNT));
	for (size_t i = 0; i < COUNT; i++) {
		assert_true(many[i].confirmed);
		assert_err(ERR_OK, amqp_next(receiver, PATIENCE_MS, &delivery));
		assert_string_equal(delivery.message_id, ids[i]);
		assert_string_equal(delivery.routing_key, "order.created");
		assert_false(delivery.redelivered);
		if (i % 100 == 99)
			assert_err(ERR_OK, amqp_ack_until(receiver, delivery.tag));
	}
	assert_err(ERR_DEADLINE, amqp_next(receiver, 0, &delivery));
	amqp_free(&sender);
	amqp_free(&receiver);
}

static void
a_message_without_a_queue_is_returned_and_its_fellows_are_confirmed(void **state)
{
	struct amqp *sender = client("sender");
	struct amqp *receiver = client("receiver");
	const struct deadline deadline = patience();
	struct amqp_message mixed[] = {
	    message("order.created", "a", "1"),
	    message("nobody.listens", "b", "2"),
	    message("order.created", "c", "3"),
	    message("nobody.listens", "d", "4"),
	};
	uint64_t tag;

	(void)state;
	consume(receiver, "test.order", "order.#");
	assert_err(ERR_OK, amqp_publish(sender, &deadline, mixed, 4));
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(mixed[i].confirmed, i % 2 == 0);
		assert_int_equal(mixed[i].returned, i % 2 == 1);
	}
	expect_one(receiver, "a", "1", &tag);
	expect_one(receiver, "c", "3", &tag);
	assert_err(ERR_OK, amqp_ack_until(receiver, tag));
	amqp_free(&sender);
	amqp_free(&receiver);
}

static void
a_large_body_comes_whole_and_a_too_large_one_is_told(void **state)
{
	enum { LARGE = 1000000, TOO_LARGE = 5000000 };
	char *body = malloc(TOO_LARGE + 1);
	struct amqp *sender = client("sender");
	struct amqp *receiver = client("receiver");
	struct amqp_delivery delivery;
	uint64_t tag;

	(void)state;
	assert_non_null(body);
	memset(body, 'x', TOO_LARGE);
	body[TOO_LARGE] = '\0';
	consume(receiver, "test.large", "large.#");
	publish_one(sender, "large.too", "too-large", body);
	body[LARGE] = '\0';
	publish_one(sender, "large.just", "large", body);
	assert_err(ERR_OK, amqp_next(receiver, PATIENCE_MS, &delivery));
	assert_true(delivery.too_large);
	expect_one(receiver, "large", body, &tag);
	assert_err(ERR_OK, amqp_ack_until(receiver, tag));
	free(body);
	amqp_free(&sender);
	amqp_free(&receiver);
}

static void
what_is_rejected_becomes_a_dead_letter(void **state)
{
	struct amqp *sender = client("sender");
	struct amqp *receiver = client("receiver");
	struct amqp *undertaker = client("undertaker");
	const struct deadline deadline = patience();
	uint64_t tag;

	(void)state;
	consume(receiver, "test.reject", "reject.#");
	publish_one(sender, "reject.me", "bad", "not json");
	expect_one(receiver, "bad", "not json", &tag);
	assert_err(ERR_OK, amqp_reject(receiver, tag, false));
	assert_err(ERR_OK, amqp_consume(undertaker, &deadline, "test.dead", 10));
	expect_one(undertaker, "bad", "not json", &tag);
	assert_err(ERR_OK, amqp_ack(undertaker, tag));
	amqp_free(&sender);
	amqp_free(&receiver);
	amqp_free(&undertaker);
}

static void
what_was_not_acknowledged_is_delivered_again_and_its_old_tag_is_void(void **state)
{
	struct amqp *sender = client("sender");
	struct amqp *receiver = client("receiver");
	struct amqp_delivery again;
	uint64_t old;

	(void)state;
	consume(receiver, "test.again", "again.#");
	publish_one(sender, "again.x", "1", "one");
	expect_one(receiver, "1", "one", &old);
	assert_err(ERR_UNAVAILABLE, amqp_link_drop(receiver, "the test says so"));
	assert_err(ERR_UNAVAILABLE, amqp_ack(receiver, old));
	receiver->pause_until_ms = 0;
	consume(receiver, "test.again", "again.#");
	assert_err(ERR_OK, amqp_next(receiver, PATIENCE_MS, &again));
	assert_true(again.redelivered);
	assert_err(ERR_UNAVAILABLE, amqp_ack(receiver, old));
	assert_err(ERR_OK, amqp_ack(receiver, again.tag));
	amqp_free(&sender);
	amqp_free(&receiver);
}

static void
a_queue_that_exists_otherwise_is_an_error_of_configuration(void **state)
{
	static const char *const bindings[] = {"other.#", NULL};
	const struct amqp_queue first = {"test.other", bindings, "test.dead", 20};
	const struct amqp_queue second = {"test.other", bindings, "test.dead", 21};
	struct amqp *amqp = client("declarer");
	const struct deadline deadline = patience();

	(void)state;
	assert_err(ERR_OK, amqp_declare_queue(amqp, &deadline, &first));
	assert_err(ERR_OK, amqp_declare_queue(amqp, &deadline, &first));
	assert_err(ERR_CONFIG, amqp_declare_queue(amqp, &deadline, &second));
	amqp_free(&amqp);
}

static void
a_consumer_hears_that_its_queue_was_deleted(void **state)
{
	struct amqp *receiver = client("receiver");
	struct amqp *other = client("other");
	struct amqp_delivery delivery;
	const struct deadline deadline = patience();

	(void)state;
	consume(receiver, "test.gone", "gone.#");
	assert_err(ERR_OK, amqp_ping(other, &deadline));
	assert_non_null(
	    amqp_queue_delete(other->state, AMQP_CHANNEL, amqp_cstring_bytes("test.gone"), 0, 0));
	assert_err(ERR_UNAVAILABLE, amqp_next(receiver, PATIENCE_MS, &delivery));
	amqp_free(&receiver);
	amqp_free(&other);
}

static void
heartbeats_keep_an_idle_connection(void **state)
{
	struct amqp *amqp = NULL;
	const struct deadline deadline = patience();
	char url[96];

	(void)state;
	(void)snprintf(url, sizeof(url), "%s?heartbeat=2", broker.url);
	assert_err(ERR_OK, amqp_new(url, "idler", &clock_system, &amqp));
	assert_err(ERR_OK, amqp_ping(amqp, &deadline));
	/* Three times the heartbeat of 2 s, after twice of which either side gives up. */
	assert_err(ERR_OK, amqp_idle(amqp, 6500));
	assert_err(ERR_OK, amqp_ping(amqp, &deadline));
	assert_int_equal(amqp->generation, 1);
	amqp_free(&amqp);
}

/* Runs out for a client that has been told that it is blocked. */
static int64_t
time_until_blocked(void *context)
{
	const struct amqp *amqp = context;

	return clock_monotonic_ms(&clock_system) + (amqp->blocked ? PATIENCE_MS : 0);
}

static void
a_blocked_connection_is_waited_for(void **state)
{
	struct amqp *sender = client("sender");
	const struct clock until_blocked = {time_until_blocked, time_until_blocked, sender};
	struct amqp *receiver = client("receiver");
	struct amqp_message first = message("blocked.x", "1", "one");
	struct amqp_message second = message("blocked.x", "2", "two");
	struct deadline soon;
	const struct deadline later = patience();
	struct amqp_delivery delivery;
	enum err err;

	(void)state;
	consume(receiver, "test.blocked", "blocked.#");
	assert_err(ERR_OK, amqp_ping(sender, &later));
	assert_int_equal(broker_ctl(&broker, "set_vm_memory_high_watermark absolute 1"), 0);
	/* The alarm reaches the connections some time later, and those alone that publish. */
	do {
		soon = deadline_in(&until_blocked, PATIENCE_MS);
		err = amqp_publish(sender, &soon, &first, 1);
	} while (err == ERR_OK && deadline_left_ms(&later) > 0);
	assert_err(ERR_DEADLINE, err);
	assert_true(sender->blocked);
	soon = deadline_in(&clock_system, 500);
	assert_err(ERR_DEADLINE, amqp_publish(sender, &soon, &second, 1));
	assert_false(second.confirmed);
	assert_int_equal(broker_ctl(&broker, "set_vm_memory_high_watermark 0.6"), 0);
	assert_err(ERR_OK, amqp_publish(sender, &later, &second, 1));
	assert_true(second.confirmed);
	assert_int_equal(sender->generation, 1);
	do
		assert_err(ERR_OK, amqp_next(receiver, PATIENCE_MS, &delivery));
	while (strcmp(delivery.message_id, "2") != 0);
	/* Once: while it was known to be blocked, nothing was sent. */
	assert_err(ERR_DEADLINE, amqp_next(receiver, 300, &delivery));
	amqp_free(&sender);
	amqp_free(&receiver);
}

/* As a program does: again and again until it works. */
static void
publish_until_confirmed(struct amqp *amqp, const char *key, const char *id, const char *body)
{
	struct amqp_message one = message(key, id, body);
	const struct deadline deadline = patience();

	while (amqp_publish(amqp, &deadline, &one, 1) != ERR_OK) {
		assert_true(deadline_left_ms(&deadline) > 0);
		(void)poll(NULL, 0, (int)amqp_pause_left_ms(amqp));
	}
	assert_true(one.confirmed);
}

static void
a_broker_that_was_restarted_is_found_again_with_all_it_had(void **state)
{
	struct amqp *sender = client("sender");
	struct amqp *receiver = client("receiver");
	struct amqp_message lost = message("restart.x", "0", "lost");
	const struct deadline deadline = patience();
	struct amqp_delivery delivery;
	int64_t stopped_ms;
	uint64_t tag;

	(void)state;
	consume(receiver, "test.restart", "restart.#");
	publish_one(sender, "restart.x", "1", "before");
	assert_int_equal(broker_stop(&broker), 0);
	stopped_ms = clock_monotonic_ms(&clock_system);
	assert_err(ERR_UNAVAILABLE, amqp_publish(sender, &deadline, &lost, 1));
	expect_a_pause(sender, stopped_ms, &lost);
	while (amqp_next(receiver, PATIENCE_MS, &delivery) == ERR_OK)
		;
	assert_err(ERR_UNAVAILABLE, amqp_next(receiver, PATIENCE_MS, &delivery));
	assert_int_equal(broker_start(&broker), 0);
	publish_until_confirmed(sender, "restart.x", "2", "after");
	receiver->pause_until_ms = 0;
	consume(receiver, "test.restart", "restart.#");
	expect_one(receiver, "1", "before", &tag);
	expect_one(receiver, "2", "after", &tag);
	assert_err(ERR_OK, amqp_ack_until(receiver, tag));
	amqp_free(&sender);
	amqp_free(&receiver);
}

static void
a_wrong_password_is_no_hot_loop(void **state)
{
	struct amqp *amqp = NULL;
	struct amqp_message any = message("any.x", "1", "one");
	int64_t before_ms = clock_monotonic_ms(&clock_system);
	char url[128];
	const struct deadline deadline = patience();

	(void)state;
	(void)snprintf(url, sizeof(url), "amqp://guest:wrong@%s", broker.url + strlen("amqp://"));
	assert_err(ERR_OK, amqp_new(url, "stranger", &clock_system, &amqp));
	assert_err(ERR_UNAVAILABLE, amqp_ping(amqp, &deadline));
	expect_a_pause(amqp, before_ms, &any);
	amqp_free(&amqp);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_published_is_confirmed_and_arrives_in_order),
	    cmocka_unit_test(a_message_without_a_queue_is_returned_and_its_fellows_are_confirmed),
	    cmocka_unit_test(what_is_rejected_becomes_a_dead_letter),
	    cmocka_unit_test(a_large_body_comes_whole_and_a_too_large_one_is_told),
	    cmocka_unit_test(what_was_not_acknowledged_is_delivered_again_and_its_old_tag_is_void),
	    cmocka_unit_test(a_queue_that_exists_otherwise_is_an_error_of_configuration),
	    cmocka_unit_test(a_consumer_hears_that_its_queue_was_deleted),
	    cmocka_unit_test(heartbeats_keep_an_idle_connection),
	    cmocka_unit_test(a_blocked_connection_is_waited_for),
	    cmocka_unit_test(a_broker_that_was_restarted_is_found_again_with_all_it_had),
	    cmocka_unit_test(a_wrong_password_is_no_hot_loop),
	};

	log_init("test", LOG_ERROR, STDERR_FILENO);
	return cmocka_run_group_tests(tests, start_broker, remove_broker);
}

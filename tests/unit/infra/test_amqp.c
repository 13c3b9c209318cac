#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/infra/amqp_rig.h"

#include "shared/base/log.h"
#include "shared/infra/amqp_link.h"

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

/* So that a consumer gets its batches full. */
static void
what_has_come_is_taken_without_waiting(void **state)
{
	enum { COUNT = 50 };
	struct amqp *sender = client("sender");
	struct amqp *receiver = client("receiver");
	struct amqp_message many[COUNT];
	const struct deadline deadline = patience();
	struct amqp_delivery delivery = {0};
	int64_t waiting = COUNT;

	(void)state;
	consume(receiver, "test.batch", "batch.#");
	for (size_t i = 0; i < COUNT; i++)
		many[i] = message("batch.made", "id", "{}");
	assert_err(ERR_OK, amqp_publish(sender, &deadline, many, COUNT));
	/* The answer comes after the deliveries that it no longer counts. */
	while (waiting > 0)
		assert_err(ERR_OK, amqp_count(receiver, &deadline, "test.batch", &waiting));
	for (size_t i = 0; i < COUNT; i++)
		assert_err(ERR_OK, amqp_next(receiver, 0, &delivery));
	assert_err(ERR_OK, amqp_ack_until(receiver, delivery.tag));
	assert_err(ERR_DEADLINE, amqp_next(receiver, 0, &delivery));
	amqp_free(&sender);
	amqp_free(&receiver);
}

/* Past all others that are bound for its type. */
static void
what_is_sent_back_reaches_its_queue_alone(void **state)
{
	struct amqp *sender = client("sender");
	struct amqp *receiver = client("receiver");
	struct amqp *other = client("other");
	struct amqp_message back = message("back.made", "id-back", "{}");
	const struct deadline deadline = patience();
	struct amqp_delivery delivery = {0};
	int64_t waiting = -1;

	(void)state;
	consume(receiver, "test.back", "back.#");
	consume(other, "test.back.other", "back.#");
	amqp_close(other);
	assert_err(ERR_OK, amqp_send_back(sender, &deadline, "test.back", &back));
	assert_err(ERR_OK, amqp_next(receiver, PATIENCE_MS, &delivery));
	assert_string_equal(delivery.message_id, "id-back");
	assert_err(ERR_OK, amqp_ack(receiver, delivery.tag));
	assert_err(ERR_OK, amqp_count(receiver, &deadline, "test.back.other", &waiting));
	assert_int_equal(waiting, 0);
	/* Not into nothing. */
	assert_true(amqp_send_back(sender, &deadline, "test.back.nowhere", &back) != ERR_OK);
	amqp_free(&sender);
	amqp_free(&receiver);
	amqp_free(&other);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_published_is_confirmed_and_arrives_in_order),
	    cmocka_unit_test(what_has_come_is_taken_without_waiting),
	    cmocka_unit_test(what_is_sent_back_reaches_its_queue_alone),
	    cmocka_unit_test(a_message_without_a_queue_is_returned_and_its_fellows_are_confirmed),
	    cmocka_unit_test(what_is_rejected_becomes_a_dead_letter),
	    cmocka_unit_test(a_large_body_comes_whole_and_a_too_large_one_is_told),
	    cmocka_unit_test(what_was_not_acknowledged_is_delivered_again_and_its_old_tag_is_void),
	    cmocka_unit_test(a_queue_that_exists_otherwise_is_an_error_of_configuration),
	    cmocka_unit_test(a_consumer_hears_that_its_queue_was_deleted),
	    cmocka_unit_test(heartbeats_keep_an_idle_connection),
	};

	log_init("test", LOG_ERROR, STDERR_FILENO);
	return cmocka_run_group_tests(tests, start_broker, remove_broker);
}

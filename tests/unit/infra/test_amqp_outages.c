/* The AMQP client and a broker that blocks, goes away, or lets nobody in. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/infra/amqp_rig.h"

#include "shared/base/log.h"
#include "shared/infra/amqp_link.h"

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
	    cmocka_unit_test(a_blocked_connection_is_waited_for),
	    cmocka_unit_test(a_broker_that_was_restarted_is_found_again_with_all_it_had),
	    cmocka_unit_test(a_wrong_password_is_no_hot_loop),
	};

	log_init("test", LOG_ERROR, STDERR_FILENO);
	return cmocka_run_group_tests(tests, start_broker, remove_broker);
}

/* The AMQP client where there is no broker. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "shared/base/log.h"
#include "shared/infra/amqp.h"

#define PATIENCE_MS 60000

static int64_t
fake_time(void *context)
{
	return *(int64_t *)context;
}

static void
pauses_grow_and_are_bounded(void **state)
{
	int64_t now = 1000;
	const struct clock clock = {fake_time, fake_time, &now};
	const struct deadline deadline = deadline_in(&clock, PATIENCE_MS);
	struct amqp *amqp = NULL;
	int64_t most = 100;

	(void)state;
	/* Port 1 of loopback: refused at once. */
	assert_err(
	    ERR_OK, amqp_new("amqp://127.0.0.1:1,amqp://127.0.0.1:1", "nobody", &clock, &amqp));
	for (int i = 0; i < 12; i++) {
		int64_t pause;

		assert_err(ERR_UNAVAILABLE, amqp_ping(amqp, &deadline));
		pause = amqp_pause_left_ms(amqp);
		assert_in_range(pause, most / 2, most);
		now += pause;
		most = most * 2 < 10000 ? most * 2 : 10000;
	}
	amqp_free(&amqp);
	amqp_free(&amqp);
}

static void
nothing_is_done_before_there_is_a_connection(void **state)
{
	struct amqp *amqp = NULL;
	struct amqp_delivery delivery;

	(void)state;
	assert_err(ERR_OK, amqp_new("amqp://127.0.0.1:1", "nobody", &clock_system, &amqp));
	assert_err(ERR_UNAVAILABLE, amqp_idle(amqp, PATIENCE_MS));
	assert_err(ERR_UNAVAILABLE, amqp_next(amqp, PATIENCE_MS, &delivery));
	assert_err(ERR_UNAVAILABLE, amqp_ack(amqp, 1));
	assert_int_equal(amqp_pause_left_ms(amqp), 0);
	amqp_free(&amqp);
	assert_err(ERR_CONFIG, amqp_new("http://127.0.0.1", "nobody", &clock_system, &amqp));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pauses_grow_and_are_bounded),
	    cmocka_unit_test(nothing_is_done_before_there_is_a_connection),
	};

	log_init("test", LOG_ERROR, STDERR_FILENO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

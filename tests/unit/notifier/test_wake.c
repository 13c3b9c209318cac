#include <pthread.h>
#include <stdatomic.h>

#include "tests/unit/unit.h"

#include "notifier/wake.h"

#define FOR_EVER_MS 3600000

static int
make_wake(void **state)
{
	return wake_new((struct wake **)state) == ERR_OK ? 0 : -1;
}

static int
drop_wake(void **state)
{
	wake_free((struct wake **)state);
	wake_free((struct wake **)state);
	return 0;
}

struct waiter {
	struct wake *wake;
	atomic_int rounds;
	pthread_t thread;
};

/* Takes its turn to look, if it gets one, until everything stops. */
static void *
wait_until_stopped(void *argument)
{
	struct waiter *waiter = argument;

	while (!wake_is_stopping(waiter->wake)) {
		uint64_t ticket = wake_ticket(waiter->wake);

		wake_wait(waiter->wake, ticket, FOR_EVER_MS);
		atomic_fetch_add(&waiter->rounds, 1);
	}
	return NULL;
}

static void
a_call_since_the_ticket_is_not_missed(void **state)
{
	struct wake *wake = *state;
	uint64_t ticket;

	/* The first to wait has its turn to look at once; the second would wait for ever. */
	wake_wait(wake, wake_ticket(wake), FOR_EVER_MS);
	ticket = wake_ticket(wake);
	wake_all(wake);
	wake_wait(wake, ticket, FOR_EVER_MS);
}

static void
a_turn_that_was_given_is_taken(void **state)
{
	struct wake *wake = *state;

	wake_wait(wake, wake_ticket(wake), FOR_EVER_MS);
	wake_one(wake);
	wake_wait(wake, wake_ticket(wake), FOR_EVER_MS);
}

static void
all_are_woken_and_all_are_stopped(void **state)
{
	enum { COUNT = 4 };
	struct waiter waiters[COUNT];
	struct wake *wake = *state;

	for (int i = 0; i < COUNT; i++) {
		waiters[i].wake = wake;
		atomic_init(&waiters[i].rounds, 0);
		assert_int_equal(
		    pthread_create(&waiters[i].thread, NULL, wait_until_stopped, &waiters[i]), 0);
	}
	for (int i = 0; i < COUNT; i++)
		while (atomic_load(&waiters[i].rounds) < 3)
			wake_all(wake);
	wake_stop(wake);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(pthread_join(waiters[i].thread, NULL), 0);
	wake_pause(wake, FOR_EVER_MS);
	wake_wait(wake, wake_ticket(wake), FOR_EVER_MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		a_call_since_the_ticket_is_not_missed, make_wake, drop_wake),
	    cmocka_unit_test_setup_teardown(a_turn_that_was_given_is_taken, make_wake, drop_wake),
	    cmocka_unit_test_setup_teardown(
		all_are_woken_and_all_are_stopped, make_wake, drop_wake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

/* The points exist in fault builds alone: elsewhere the test brings them along. */
#ifndef FAULT_POINTS
#define FAULT_POINTS
#include "shared/base/crash.c"
#else
#include "shared/base/crash.h"
#endif

/* What became of a child with CRASH_AT set to SETTING that ran BODY: a signal's number, or 0. */
static int
signal_that_ended(const char *setting, void (*body)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (setting != NULL)
			(void)setenv("CRASH_AT", setting, 1);
		else
			(void)unsetenv("CRASH_AT");
		body();
		_exit(7);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		return WTERMSIG(status);
	assert_int_equal(WEXITSTATUS(status), 7);
	return 0;
}

static void
pass_once(void)
{
	CRASH_AT("purchase.reserved");
}

static void
pass_twice(void)
{
	CRASH_AT("purchase.reserved");
	CRASH_AT("purchase.confirmed");
	CRASH_AT("purchase.reserved");
}

static void *
pass_in_thread(void *unused)
{
	(void)unused;
	CRASH_AT("purchase.reserved");
	return NULL;
}

static void
pass_in_three_threads(void)
{
	for (int i = 0; i < 3; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, pass_in_thread, NULL) != 0)
			_exit(1);
		(void)pthread_join(thread, NULL);
	}
}

static void
nothing_happens_unless_a_point_is_named(void **state)
{
	(void)state;
	assert_int_equal(signal_that_ended(NULL, pass_twice), 0);
	assert_int_equal(signal_that_ended("", pass_twice), 0);
}

static void
the_named_point_kills(void **state)
{
	(void)state;
	assert_int_equal(signal_that_ended("purchase.reserved", pass_once), SIGKILL);
	assert_int_equal(signal_that_ended("purchase.reserved:1", pass_once), SIGKILL);
}

static void
another_point_does_not(void **state)
{
	(void)state;
	assert_int_equal(signal_that_ended("purchase.confirmed", pass_once), 0);
	assert_int_equal(signal_that_ended("purchase.reserve", pass_once), 0);
	assert_int_equal(signal_that_ended("purchase.reserved2", pass_once), 0);
	assert_int_equal(signal_that_ended("purchase.reserved:x", pass_once), 0);
}

static void
a_number_waits_for_that_passage(void **state)
{
	(void)state;
	assert_int_equal(signal_that_ended("purchase.reserved:2", pass_once), 0);
	assert_int_equal(signal_that_ended("purchase.reserved:2", pass_twice), SIGKILL);
	assert_int_equal(signal_that_ended("purchase.reserved:3", pass_twice), 0);
	assert_int_equal(signal_that_ended("purchase.confirmed:1", pass_twice), SIGKILL);
}

static void
several_points_may_be_named(void **state)
{
	(void)state;
	assert_int_equal(signal_that_ended("sweep.failed,purchase.reserved", pass_once), SIGKILL);
	assert_int_equal(signal_that_ended("purchase.reserved,sweep.failed", pass_once), SIGKILL);
	assert_int_equal(signal_that_ended("sweep.failed,purchase.reserve", pass_once), 0);
	assert_int_equal(signal_that_ended("sweep.failed,,purchase.reserved:2", pass_once), 0);
	assert_int_equal(
	    signal_that_ended("sweep.failed,purchase.reserved:2", pass_twice), SIGKILL);
}

static void
passages_are_counted_over_all_threads(void **state)
{
	(void)state;
	assert_int_equal(signal_that_ended("purchase.reserved:3", pass_in_three_threads), SIGKILL);
	assert_int_equal(signal_that_ended("purchase.reserved:4", pass_in_three_threads), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_happens_unless_a_point_is_named),
	    cmocka_unit_test(the_named_point_kills),
	    cmocka_unit_test(another_point_does_not),
	    cmocka_unit_test(a_number_waits_for_that_passage),
	    cmocka_unit_test(several_points_may_be_named),
	    cmocka_unit_test(passages_are_counted_over_all_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "shared/base/check.h"
#include "shared/base/cleanup.h"

static void
a_kept_invariant_costs_nothing(void **state)
{
	int evaluated = 0;

	(void)state;
	check(++evaluated == 1);
	assert_int_equal(evaluated, 1);
}

/* In every build: NDEBUG has no say. */
static void
a_broken_invariant_ends_the_process_with_one_line(void **state)
{
	char line[256] = "";
	int ends[2];
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		/* cmocka handles SIGABRT for its own sake. */
		(void)signal(SIGABRT, SIG_DFL);
		(void)dup2(ends[1], STDERR_FILENO);
		check(1 + 1 == 3);
		_exit(0);
	}
	(void)close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_true(read(ends[0], line, sizeof(line) - 1) > 0);
	(void)close(ends[0]);
	assert_non_null(strstr(line, "test_check.c:"));
	assert_non_null(strstr(line, "check failed: 1 + 1 == 3\n"));
}

static void
owners_release_at_the_end_of_their_scope(void **state)
{
	int ends[2];
	int copy;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	{
		auto_close int reader = ends[0];
		auto_free char *text = strdup("freed, or the leak checker tells");

		assert_non_null(text);
		copy = reader;
	}
	assert_int_equal(close(copy), -1); /* is closed by now */
	cleanup_close(&ends[1]);
	assert_int_equal(ends[1], -1);
	cleanup_close(&ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_kept_invariant_costs_nothing),
	    cmocka_unit_test(a_broken_invariant_ends_the_process_with_one_line),
	    cmocka_unit_test(owners_release_at_the_end_of_their_scope),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

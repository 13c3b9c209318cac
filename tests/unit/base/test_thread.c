#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "shared/base/thread.h"

#define PATIENCE_MS 60000
#define DEEP_BYTES  ((size_t)384 * 1024)

struct seen {
	sem_t go;
	sigset_t blocked;
	size_t stack_bytes;
	unsigned char deepest;
};

static void
seen_init(struct seen *seen)
{
	memset(seen, 0, sizeof(*seen));
	assert_int_equal(sem_init(&seen->go, 0, 0), 0);
}

static struct deadline
patience(void)
{
	return deadline_in(&clock_system, PATIENCE_MS);
}

static void *
look(void *argument)
{
	struct seen *seen = argument;
	volatile unsigned char deep[DEEP_BYTES];
	pthread_attr_t attributes;

	deep[0] = 1;
	seen->deepest = deep[0];
	(void)pthread_sigmask(SIG_BLOCK, NULL, &seen->blocked);
	if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
		(void)pthread_attr_getstacksize(&attributes, &seen->stack_bytes);
		(void)pthread_attr_destroy(&attributes);
	}
	while (sem_wait(&seen->go) != 0)
		;
	return NULL;
}

static void
a_thread_has_a_stack_of_its_size_and_leaves_signals_to_others(void **state)
{
	const struct deadline deadline = patience();
	sigset_t here;
	struct seen seen;
	pthread_t thread;

	(void)state;
	seen_init(&seen);
	assert_err(ERR_OK, thread_start(&thread, look, &seen));
	(void)sem_post(&seen.go);
	assert_err(ERR_OK, thread_join(thread, &deadline));
	assert_int_equal(seen.deepest, 1);
	assert_true(seen.stack_bytes >= THREAD_STACK_BYTES);
	assert_int_equal(sigismember(&seen.blocked, SIGTERM), 1);
	assert_int_equal(sigismember(&seen.blocked, SIGUSR1), 1);
	assert_int_equal(sigismember(&seen.blocked, SIGSEGV), 0);
	assert_int_equal(sigismember(&seen.blocked, SIGABRT), 0);
	/* The one that started it takes them as before. */
	assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &here), 0);
	assert_int_equal(sigismember(&here, SIGTERM), 0);
	(void)sem_destroy(&seen.go);
}

static void
a_join_gives_up_at_its_deadline_and_may_be_tried_again(void **state)
{
	const struct deadline past = deadline_in(&clock_system, 0);
	const struct deadline deadline = patience();
	struct seen seen;
	pthread_t thread;

	(void)state;
	seen_init(&seen);
	assert_err(ERR_OK, thread_start(&thread, look, &seen));
	assert_err(ERR_DEADLINE, thread_join(thread, &past));
	(void)sem_post(&seen.go);
	assert_err(ERR_OK, thread_join(thread, &deadline));
	(void)sem_destroy(&seen.go);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_thread_has_a_stack_of_its_size_and_leaves_signals_to_others),
	    cmocka_unit_test(a_join_gives_up_at_its_deadline_and_may_be_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

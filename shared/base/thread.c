#include "shared/base/thread.h"

#include <signal.h>
#include <time.h>

#include "shared/base/check.h"
#include "shared/base/macros.h"

/* A fault while its signal is blocked would end the process without a word of why. */
static void
all_but_faults(sigset_t *out)
{
	static const int faults[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP};

	(void)sigfillset(out);
	for (size_t i = 0; i < COUNT_OF(faults); i++)
		(void)sigdelset(out, faults[i]);
}

enum err
thread_start(pthread_t *thread, void *(*run)(void *), void *argument)
{
	pthread_attr_t attributes;
	pthread_t started;
	sigset_t blocked;
	int failed;

	all_but_faults(&blocked);
	check(pthread_attr_init(&attributes) == 0);
	check(pthread_attr_setstacksize(&attributes, THREAD_STACK_BYTES) == 0);
	failed = pthread_attr_setsigmask_np(&attributes, &blocked);
	if (failed == 0)
		failed = pthread_create(&started, &attributes, run, argument);
	check(pthread_attr_destroy(&attributes) == 0);
	if (failed != 0)
		return ERR_MEMORY;
	*thread = started;
	return ERR_OK;
}

void
thread_condition_init(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	check(pthread_condattr_init(&attributes) == 0);
	check(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
	check(pthread_cond_init(condition, &attributes) == 0);
	check(pthread_condattr_destroy(&attributes) == 0);
}

struct timespec
thread_time_at(int64_t monotonic_ms)
{
	return (struct timespec){.tv_sec = (time_t)(monotonic_ms / 1000),
	    .tv_nsec = (long)(monotonic_ms % 1000 * 1000000)};
}

struct timespec
thread_time_in(int64_t ms)
{
	return thread_time_at(clock_monotonic_ms(&clock_system) + ms);
}

enum err
thread_join(pthread_t thread, const struct deadline *deadline)
{
	int64_t left = deadline_left_ms(deadline);
	struct timespec until;
	int64_t at_ms;

	if (clock_gettime(CLOCK_REALTIME, &until) != 0)
		return ERR_INTERNAL;
	at_ms = (int64_t)until.tv_sec * 1000 + until.tv_nsec / 1000000 + left;
	until.tv_sec = (time_t)(at_ms / 1000);
	until.tv_nsec = (long)(at_ms % 1000 * 1000000);
	return pthread_timedjoin_np(thread, NULL, &until) == 0 ? ERR_OK : ERR_DEADLINE;
}

#include "notifier/thread.h"

#include <time.h>

#define STACK_BYTES ((size_t)256 * 1024)

enum err
thread_start(pthread_t *thread, void *(*run)(void *), void *argument)
{
	pthread_attr_t attributes;
	int failed;

	if (pthread_attr_init(&attributes) != 0)
		return ERR_MEMORY;
	(void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
	failed = pthread_create(thread, &attributes, run, argument);
	(void)pthread_attr_destroy(&attributes);
	return failed == 0 ? ERR_OK : ERR_MEMORY;
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

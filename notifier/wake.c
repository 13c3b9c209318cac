#include "notifier/wake.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "shared/base/check.h"
#include "shared/base/cleanup.h"
#include "shared/base/thread.h"

struct wake {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* on the monotonic clock */
	uint64_t calls;
	int64_t look_at_ms; /* when the next idle thread shall look */
	int descriptor;     /* eventfd, non-blocking */
	bool stopping;
};

enum err
wake_new(struct wake **out)
{
	struct wake *wake = calloc(1, sizeof(*wake));

	TRY_ALLOC(wake);
	check(pthread_mutex_init(&wake->lock, NULL) == 0);
	thread_condition_init(&wake->changed);
	wake->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake->descriptor < 0) {
		wake_free(&wake);
		return ERR_MEMORY;
	}
	*out = wake;
	return ERR_OK;
}

void
wake_free(struct wake **wake)
{
	if (*wake == NULL)
		return;
	(void)pthread_cond_destroy(&(*wake)->changed);
	(void)pthread_mutex_destroy(&(*wake)->lock);
	cleanup_close(&(*wake)->descriptor);
	free(*wake);
	*wake = NULL;
}

static void
enter(struct wake *wake)
{
	check(pthread_mutex_lock(&wake->lock) == 0);
}

static void
leave(struct wake *wake)
{
	check(pthread_mutex_unlock(&wake->lock) == 0);
}

static void
ring(const struct wake *wake)
{
	const uint64_t one = 1;

	/* Fails only when the counter is full: it is readable then. */
	if (write(wake->descriptor, &one, sizeof(one)) < 0)
		return;
}

int
wake_descriptor(const struct wake *wake)
{
	return wake->descriptor;
}

bool
wake_forget(const struct wake *wake)
{
	uint64_t ignored;

	return read(wake->descriptor, &ignored, sizeof(ignored)) == (ssize_t)sizeof(ignored);
}

void
wake_all(struct wake *wake)
{
	enter(wake);
	wake->calls++;
	(void)pthread_cond_broadcast(&wake->changed);
	leave(wake);
	ring(wake);
}

void
wake_one(struct wake *wake)
{
	/* Whose turn it is to look is decided by the time: make it now. */
	enter(wake);
	wake->look_at_ms = 0;
	(void)pthread_cond_signal(&wake->changed);
	leave(wake);
}

void
wake_stop(struct wake *wake)
{
	enter(wake);
	wake->stopping = true;
	(void)pthread_cond_broadcast(&wake->changed);
	leave(wake);
	ring(wake);
}

bool
wake_is_stopping(struct wake *wake)
{
	bool stopping;

	enter(wake);
	stopping = wake->stopping;
	leave(wake);
	return stopping;
}

uint64_t
wake_ticket(struct wake *wake)
{
	uint64_t ticket;

	enter(wake);
	ticket = wake->calls;
	leave(wake);
	return ticket;
}

void
wake_wait(struct wake *wake, uint64_t ticket, int64_t interval_ms)
{
	enter(wake);
	while (!wake->stopping && wake->calls == ticket) {
		int64_t now = clock_monotonic_ms(&clock_system);
		struct timespec until;

		if (now >= wake->look_at_ms) {
			wake->look_at_ms = now + interval_ms;
			break;
		}
		until = thread_time_at(wake->look_at_ms);
		(void)pthread_cond_timedwait(&wake->changed, &wake->lock, &until);
	}
	leave(wake);
}

void
wake_pause(struct wake *wake, int64_t ms)
{
	const struct timespec until = thread_time_at(clock_monotonic_ms(&clock_system) + ms);
	int status = 0;

	enter(wake);
	while (!wake->stopping && status == 0)
		status = pthread_cond_timedwait(&wake->changed, &wake->lock, &until);
	leave(wake);
}

/*
 * base/thread: starting and joining threads.
 *
 * Layer: base.
 */
#ifndef SHARED_BASE_THREAD_H
#define SHARED_BASE_THREAD_H

#include <pthread.h>

#include "shared/base/clock.h"
#include "shared/base/err.h"

/* Address space alone: what is not touched costs no memory.  Name resolution needs the most. */
#define THREAD_STACK_BYTES ((size_t)512 * 1024)

/* With a stack of THREAD_STACK_BYTES.  Signals stay with the threads that there were before: in the
 * new one all are blocked but those that tell of its own faults.  To be joined. */
MUST_USE enum err thread_start(pthread_t *thread, void *(*run)(void *), void *argument);
/* A condition whose timed waits count on the monotonic clock, where no change of the date ends them
 * early or late. */
void thread_condition_init(pthread_cond_t *condition);
/* When such a wait ends: at a moment of clock_monotonic_ms(&clock_system), or so long from now. */
struct timespec thread_time_at(int64_t monotonic_ms);
struct timespec thread_time_in(int64_t ms);
/* ERR_DEADLINE: it still runs. */
MUST_USE enum err thread_join(pthread_t thread, const struct deadline *deadline);

#endif

/*
 * notifier/thread: starting and joining threads.
 */
#ifndef NOTIFIER_THREAD_H
#define NOTIFIER_THREAD_H

#include <pthread.h>

#include "shared/base/clock.h"

/* Small stack; signals stay with the threads that do not block them: block them in main first. */
MUST_USE enum err thread_start(pthread_t *thread, void *(*run)(void *), void *argument);
/* ERR_DEADLINE: it still runs. */
MUST_USE enum err thread_join(pthread_t thread, const struct deadline *deadline);

#endif

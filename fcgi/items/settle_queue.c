#include "fcgi/items/settle_queue.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shared/base/check.h"
#include "shared/base/thread.h"

struct settle_queue {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool closed;
	int64_t dropped;
	size_t room, count, first;
	struct sold_hold holds[]; /* a ring */
};

enum err
settle_queue_new(size_t room, struct settle_queue **out)
{
	struct settle_queue *queue = calloc(1, sizeof(*queue) + room * sizeof(queue->holds[0]));

	TRY_ALLOC(queue);
	queue->room = room;
	check(pthread_mutex_init(&queue->mutex, NULL) == 0);
	thread_condition_init(&queue->changed);
	*out = queue;
	return ERR_OK;
}

void
settle_queue_free(struct settle_queue **queue)
{
	if (*queue == NULL)
		return;
	(void)pthread_cond_destroy(&(*queue)->changed);
	(void)pthread_mutex_destroy(&(*queue)->mutex);
	free(*queue);
	*queue = NULL;
}

void
settle_queue_put(struct settle_queue *queue, const struct sold_hold *hold)
{
	check(pthread_mutex_lock(&queue->mutex) == 0);
	if (queue->count == queue->room) {
		queue->dropped++;
	} else {
		queue->holds[(queue->first + queue->count) % queue->room] = *hold;
		queue->count++;
		(void)pthread_cond_signal(&queue->changed);
	}
	check(pthread_mutex_unlock(&queue->mutex) == 0);
}

/* Waits, with the mutex held, until WANTED are there, the time has come, or the queue is closed. */
static void
await(struct settle_queue *queue, size_t wanted, int64_t ms)
{
	const struct timespec until = thread_time_in(ms);

	while (!queue->closed && queue->count < wanted)
		if (pthread_cond_timedwait(&queue->changed, &queue->mutex, &until) != 0)
			return;
}

static int
compare(const void *a, const void *b)
{
	const struct sold_hold *left = a;
	const struct sold_hold *right = b;

	return strcmp(left->item_id.text, right->item_id.text);
}

size_t
settle_queue_take(struct settle_queue *queue, int64_t wait_ms, int64_t gather_ms,
    struct sold_hold *out, size_t max)
{
	size_t taken = 0;

	check(pthread_mutex_lock(&queue->mutex) == 0);
	await(queue, 1, wait_ms);
	if (queue->count > 0)
		await(queue, max < queue->room ? max : queue->room, gather_ms);
	while (taken < max && queue->count > 0) {
		out[taken++] = queue->holds[queue->first];
		queue->first = (queue->first + 1) % queue->room;
		queue->count--;
	}
	check(pthread_mutex_unlock(&queue->mutex) == 0);
	if (taken > 0)
		qsort(out, taken, sizeof(*out), compare);
	return taken;
}

void
settle_queue_close(struct settle_queue *queue)
{
	check(pthread_mutex_lock(&queue->mutex) == 0);
	queue->closed = true;
	(void)pthread_cond_broadcast(&queue->changed);
	check(pthread_mutex_unlock(&queue->mutex) == 0);
}

int64_t
settle_queue_dropped(struct settle_queue *queue)
{
	int64_t dropped;

	check(pthread_mutex_lock(&queue->mutex) == 0);
	dropped = queue->dropped;
	check(pthread_mutex_unlock(&queue->mutex) == 0);
	return dropped;
}

#include "shared/base/tracing.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shared/base/check.h"
#include "shared/base/thread.h"

#define NS_IN_S INT64_C(1000000000)

/* A ring of records. */
static struct {
	atomic_bool on;
	pthread_mutex_t mutex; /* of all that follows but DROPPED */
	pthread_cond_t wake;
	bool woken;
	struct tracing_record *records;
	size_t first, count;
	atomic_llong dropped;
} queue = {.mutex = PTHREAD_MUTEX_INITIALIZER};

enum err
tracing_start(void)
{
	if (queue.records == NULL) {
		queue.records = calloc(TRACING_QUEUE_MAX, sizeof(*queue.records));
		TRY_ALLOC(queue.records);
		thread_condition_init(&queue.wake);
	}
	queue.first = queue.count = 0;
	queue.woken = false;
	atomic_store(&queue.on, true);
	return ERR_OK;
}

/* The ring stays: a thread that did not end in time may be about to record. */
void
tracing_stop(void)
{
	atomic_store(&queue.on, false);
}

bool
tracing_is_on(void)
{
	return atomic_load_explicit(&queue.on, memory_order_relaxed);
}

int64_t
tracing_now_ns(void)
{
	struct timespec now;

	check(clock_gettime(CLOCK_REALTIME, &now) == 0);
	return now.tv_sec * NS_IN_S + now.tv_nsec;
}

static void
keep_text(char out[TRACING_TEXT_SIZE], const char *text)
{
	size_t len = text != NULL ? strnlen(text, TRACING_TEXT_SIZE - 1) : 0;

	if (len > 0)
		memcpy(out, text, len);
	out[len] = '\0';
}

static void
keep(const struct tracing_step *step, int64_t end_ns, struct tracing_record *out)
{
	memcpy(out->trace_id, step->trace->trace_id, sizeof(out->trace_id));
	memcpy(out->parent_id, step->trace->parent_id, sizeof(out->parent_id));
	trace_span_id(step->trace, out->span_id);
	out->kind = step->kind;
	out->start_ns = step->start_ns;
	out->end_ns = end_ns > step->start_ns ? end_ns : step->start_ns;
	keep_text(out->name, step->name);
	keep_text(out->error, step->error);
	out->count = 0;
	for (size_t i = 0; i < step->count; i++) {
		struct tracing_kept *kept = &out->attributes[out->count];

		check(out->count < TRACING_ATTRIBUTES_MAX);
		kept->key = step->attributes[i].key;
		kept->is_text = step->attributes[i].text != NULL;
		kept->number = step->attributes[i].number;
		keep_text(kept->text, step->attributes[i].text);
		out->count++;
	}
}

void
tracing_record(const struct tracing_step *step)
{
	int64_t end_ns;

	if (!tracing_is_on() || !step->trace->sampled)
		return;
	end_ns = tracing_now_ns();
	check(pthread_mutex_lock(&queue.mutex) == 0);
	if (queue.count == TRACING_QUEUE_MAX) {
		atomic_fetch_add(&queue.dropped, 1);
	} else {
		keep(step, end_ns, &queue.records[(queue.first + queue.count) % TRACING_QUEUE_MAX]);
		queue.count++;
	}
	if (queue.count == TRACING_BATCH_MAX)
		check(pthread_cond_signal(&queue.wake) == 0);
	check(pthread_mutex_unlock(&queue.mutex) == 0);
}

size_t
tracing_take(struct tracing_record out[TRACING_BATCH_MAX])
{
	size_t count = 0;

	check(pthread_mutex_lock(&queue.mutex) == 0);
	while (queue.count > 0 && count < TRACING_BATCH_MAX) {
		out[count++] = queue.records[queue.first];
		queue.first = (queue.first + 1) % TRACING_QUEUE_MAX;
		queue.count--;
	}
	check(pthread_mutex_unlock(&queue.mutex) == 0);
	return count;
}

void
tracing_wait(int64_t ms)
{
	const struct timespec until = thread_time_in(ms);
	int waited = 0;

	check(pthread_mutex_lock(&queue.mutex) == 0);
	while (waited == 0 && !queue.woken && queue.count < TRACING_BATCH_MAX)
		waited = pthread_cond_timedwait(&queue.wake, &queue.mutex, &until);
	queue.woken = false;
	check(pthread_mutex_unlock(&queue.mutex) == 0);
}

void
tracing_wake(void)
{
	check(pthread_mutex_lock(&queue.mutex) == 0);
	queue.woken = true;
	check(pthread_cond_signal(&queue.wake) == 0);
	check(pthread_mutex_unlock(&queue.mutex) == 0);
}

int64_t
tracing_dropped(void)
{
	return atomic_load(&queue.dropped);
}

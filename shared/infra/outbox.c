#include "shared/infra/outbox.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "shared/base/crash.h"
#include "shared/base/log.h"
#include "shared/base/thread.h"
#include "shared/base/tracing.h"
#include "shared/infra/amqp.h"

#define BATCH_MAX       100
#define ARENA_BYTES     ((size_t)16 * 1024 * 1024)
#define PUBLISH_MAX_MS  5000
#define IDLE_SLICE_MS   2000 /* below half of any sensible heartbeat */
#define DEPTH_EVERY_MS  5000
#define STORE_PAUSE_MS  1000
#define RETURNED_MIN_MS 250
#define RETURNED_MAX_MS 5000

struct outbox {
	struct outbox_source source;
	const struct clock *clock;
	struct amqp *amqp;
	struct arena *arena;
	int wake_fd; /* eventfd, non-blocking */
	pthread_t thread;
	atomic_bool stopping;
	atomic_llong flush_ms; /* how long the last flush may take */
	int64_t returned_pause_ms;
	int64_t depth_due_ms; /* monotonic */
	struct outbox_event events[BATCH_MAX];
	struct amqp_message messages[BATCH_MAX];
	atomic_llong published, returned, failures, depth, oldest_ms;
	atomic_bool broker_ok;
};

/* Sleeps until MS passed or someone calls outbox_wake. */
static void
sleep_on_wake(const struct outbox *outbox, int64_t ms)
{
	struct pollfd wake = {.fd = outbox->wake_fd, .events = POLLIN};

	(void)poll(&wake, 1, (int)ms);
}

static void
wake_clear(const struct outbox *outbox)
{
	uint64_t ignored;

	if (read(outbox->wake_fd, &ignored, sizeof(ignored)) < 0 && errno != EAGAIN)
		log_error("outbox: wake descriptor", LOG_INT("errno", errno));
}

/* A pause that new events do not cut short, only a stop does; heartbeats go on. */
static void
pause_for(struct outbox *outbox, int64_t ms)
{
	const struct deadline until = deadline_in(outbox->clock, ms);

	while (deadline_left_ms(&until) > 0 && !atomic_load(&outbox->stopping)) {
		int64_t left = deadline_left_ms(&until);

		sleep_on_wake(outbox, left < IDLE_SLICE_MS ? left : IDLE_SLICE_MS);
		wake_clear(outbox);
		if (amqp_idle(outbox->amqp, 0) != ERR_OK)
			atomic_store(&outbox->broker_ok, false);
	}
}

static void
tell_published(const struct outbox_event *event, int64_t start_ns)
{
	struct trace trace;

	trace_continue(event->traceparent, &trace);
	log_context_set(NULL, event->traceparent != NULL ? trace.trace_id : NULL, NULL);
	log_info(
	    "event published", LOG_TEXT("type", event->type), LOG_TEXT("event_id", event->id.text));
	log_context_clear();
	tracing_record(&(struct tracing_step){
	    .trace = &trace,
	    .kind = TRACING_PRODUCER,
	    .name = "publish " AMQP_EXCHANGE,
	    .start_ns = start_ns,
	    .attributes =
		(const struct tracing_attribute[]){
		    TRACING_TEXT("messaging.system", "rabbitmq"),
		    TRACING_TEXT("messaging.operation.name", "publish"),
		    TRACING_TEXT("messaging.operation.type", "send"),
		    TRACING_TEXT("messaging.destination.name", AMQP_EXCHANGE),
		    TRACING_TEXT("messaging.rabbitmq.destination.routing_key", event->type),
		    TRACING_TEXT("messaging.message.id", event->id.text),
		},
	    .count = 6,
	});
}

static enum err
publish_batch(struct outbox *outbox, const struct deadline *deadline, size_t count, bool *returned)
{
	int64_t start_ns = tracing_now_ns();
	enum err err;

	for (size_t i = 0; i < count; i++) {
		const struct outbox_event *event = &outbox->events[i];

		outbox->messages[i] = (struct amqp_message){
		    .routing_key = event->type,
		    .message_id = event->id.text,
		    .content_type = "application/cloudevents+json",
		    .traceparent = event->traceparent,
		    .body = event->body,
		};
	}
	err = amqp_publish(outbox->amqp, deadline, outbox->messages, count);
	*returned = false;
	for (size_t i = 0; i < count; i++) {
		outbox->events[i].confirmed = outbox->messages[i].confirmed;
		if (outbox->messages[i].confirmed) {
			atomic_fetch_add(&outbox->published, 1);
			tell_published(&outbox->events[i], start_ns);
		}
		if (!outbox->messages[i].returned)
			continue;
		atomic_fetch_add(&outbox->returned, 1);
		*returned = true;
	}
	return err;
}

/*
 * One batch from the store to the broker.  The store may hold a transaction open between fetch and
 * settle, so nothing is fetched while the broker is away, and publishing has a short deadline.
 */
static enum err
relay_batch(struct outbox *outbox, int64_t limit_ms, size_t *count, bool *returned)
{
	const struct deadline deadline =
	    deadline_in(outbox->clock, limit_ms < PUBLISH_MAX_MS ? limit_ms : PUBLISH_MAX_MS);
	enum err published;
	enum err settled;

	*count = 0;
	*returned = false;
	arena_reset(outbox->arena);
	TRY(outbox->source.fetch(
	    outbox->source.context, outbox->arena, outbox->events, BATCH_MAX, count));
	if (*count == 0)
		return ERR_OK;
	for (size_t i = 0; i < *count; i++)
		outbox->events[i].confirmed = false;
	published = publish_batch(outbox, &deadline, *count, returned);
	atomic_store(&outbox->broker_ok, published == ERR_OK);
	if (published == ERR_OK)
		CRASH_AT("relay.published");
	settled = outbox->source.settle(outbox->source.context, outbox->events, *count);
	return published != ERR_OK ? published : settled;
}

static void
look_at_depth(struct outbox *outbox)
{
	int64_t now = clock_monotonic_ms(outbox->clock);
	int64_t count;
	int64_t oldest_ms;

	if (outbox->source.depth == NULL || now < outbox->depth_due_ms)
		return;
	outbox->depth_due_ms = now + DEPTH_EVERY_MS;
	if (outbox->source.depth(outbox->source.context, &count, &oldest_ms) != ERR_OK)
		return;
	atomic_store(&outbox->depth, count);
	atomic_store(&outbox->oldest_ms, oldest_ms);
}

/* Is there a broker to relay to?  Sleeps through the client's pause when there is none. */
static bool
broker_ready(struct outbox *outbox)
{
	const struct deadline deadline = deadline_in(outbox->clock, PUBLISH_MAX_MS);
	int64_t pause_ms = amqp_pause_left_ms(outbox->amqp);

	if (pause_ms == 0 && amqp_open(outbox->amqp, &deadline) == ERR_OK) {
		atomic_store(&outbox->broker_ok, true);
		return true;
	}
	atomic_store(&outbox->broker_ok, false);
	pause_ms = amqp_pause_left_ms(outbox->amqp);
	pause_for(outbox, pause_ms > 0 ? pause_ms : STORE_PAUSE_MS);
	return false;
}

/* Until there may be something new.  In slices, so that heartbeats are answered. */
static enum err
wait_for_events(struct outbox *outbox)
{
	enum err err = ERR_OK;

	if (atomic_load(&outbox->stopping))
		return ERR_OK;
	if (outbox->source.wait != NULL)
		err = outbox->source.wait(outbox->source.context, IDLE_SLICE_MS, outbox->wake_fd);
	else
		sleep_on_wake(outbox, IDLE_SLICE_MS);
	if (amqp_idle(outbox->amqp, 0) != ERR_OK)
		atomic_store(&outbox->broker_ok, false);
	return err;
}

/* What no queue takes stays in the store; more and more seldom it is tried again. */
static void
pause_after_return(struct outbox *outbox)
{
	if (outbox->returned_pause_ms == 0)
		outbox->returned_pause_ms = RETURNED_MIN_MS;
	log_warn("broker has no queue for some events: they are kept",
	    LOG_INT("next_try_ms", outbox->returned_pause_ms));
	pause_for(outbox, outbox->returned_pause_ms);
	outbox->returned_pause_ms *= 2;
	if (outbox->returned_pause_ms > RETURNED_MAX_MS)
		outbox->returned_pause_ms = RETURNED_MAX_MS;
}

static void
relay_step(struct outbox *outbox)
{
	bool returned;
	size_t count;
	enum err err;

	look_at_depth(outbox);
	if (!broker_ready(outbox))
		return;
	wake_clear(outbox);
	err = relay_batch(outbox, PUBLISH_MAX_MS, &count, &returned);
	if (err == ERR_OK && !returned) {
		outbox->returned_pause_ms = 0;
		if (count == BATCH_MAX)
			return;
		err = wait_for_events(outbox);
	} else if (err == ERR_OK) {
		pause_after_return(outbox);
	}
	if (err != ERR_OK) {
		atomic_fetch_add(&outbox->failures, 1);
		log_warn("outbox: relay failed", LOG_ERR(err));
		pause_for(outbox, STORE_PAUSE_MS);
	}
}

static void
flush(struct outbox *outbox)
{
	const struct deadline until = deadline_in(outbox->clock, atomic_load(&outbox->flush_ms));
	size_t count = BATCH_MAX;
	bool returned = false;

	while (count == BATCH_MAX && !returned && deadline_left_ms(&until) > 0)
		if (amqp_open(outbox->amqp, &until) != ERR_OK ||
		    relay_batch(outbox, deadline_left_ms(&until), &count, &returned) != ERR_OK)
			return;
}

static void *
relay_thread(void *argument)
{
	struct outbox *outbox = argument;

	while (!atomic_load(&outbox->stopping))
		relay_step(outbox);
	flush(outbox);
	return NULL;
}

static void
outbox_free(struct outbox *outbox)
{
	amqp_free(&outbox->amqp);
	arena_free(&outbox->arena);
	cleanup_close(&outbox->wake_fd);
	free(outbox);
}

enum err
outbox_start(const struct outbox_source *source, const char *amqp_url, const char *name,
    const struct clock *clock, struct outbox **out)
{
	struct outbox *outbox = calloc(1, sizeof(*outbox));
	enum err err;

	TRY_ALLOC(outbox);
	outbox->source = *source;
	outbox->clock = clock;
	outbox->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = outbox->wake_fd < 0 ? ERR_MEMORY : amqp_new(amqp_url, name, clock, &outbox->amqp);
	if (err == ERR_OK)
		err = arena_new(ARENA_BYTES, &outbox->arena);
	if (err == ERR_OK)
		err = thread_start(&outbox->thread, relay_thread, outbox);
	if (err != ERR_OK) {
		outbox_free(outbox);
		return err;
	}
	*out = outbox;
	return ERR_OK;
}

void
outbox_wake(struct outbox *outbox)
{
	const uint64_t one = 1;

	/* Fails only when the counter is full: it is awake then. */
	if (write(outbox->wake_fd, &one, sizeof(one)) < 0)
		return;
}

void
outbox_stats(const struct outbox *outbox, struct outbox_stats *out)
{
	out->published = atomic_load(&outbox->published);
	out->returned = atomic_load(&outbox->returned);
	out->failures = atomic_load(&outbox->failures);
	out->depth = atomic_load(&outbox->depth);
	out->oldest_ms = atomic_load(&outbox->oldest_ms);
}

enum err
outbox_check(const struct outbox *outbox, char *detail, size_t size)
{
	if (atomic_load(&outbox->broker_ok))
		return ERR_OK;
	(void)snprintf(detail, size,
	    "away; %lld events wait in the outbox (at the last look), nothing else does",
	    atomic_load(&outbox->depth));
	return ERR_UNAVAILABLE;
}

void
outbox_stop(struct outbox **outbox, int64_t timeout_ms)
{
	struct outbox *own = *outbox;

	if (own == NULL)
		return;
	atomic_store(&own->flush_ms, timeout_ms);
	atomic_store(&own->stopping, true);
	outbox_wake(own);
	(void)pthread_join(own->thread, NULL);
	outbox_free(own);
	*outbox = NULL;
}

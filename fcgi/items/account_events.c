#include "fcgi/items/account_events.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fcgi/items/retire_flow.h"
#include "shared/base/check.h"
#include "shared/base/log.h"
#include "shared/base/thread.h"
#include "shared/base/tracing.h"
#include "shared/edge/event.h"
#include "shared/infra/amqp.h"

#define ARENA_BYTES   ((size_t)8 << 20)
#define BROKER_MAX_MS 10000
#define WORK_MAX_MS   30000
#define LISTEN_MS     500
#define PAUSE_MS      500
#define PREFETCH      1
/* A message is given back when this process ends or loses its store: often, over a long time,
 * without any fault of its own. */
#define DELIVERY_LIMIT 100

static const struct amqp_queue queue = {
    .name = "items.account",
    .bindings = (const char *const[]){"user.deleted", NULL},
    .dead_letter_queue = "items.dead",
    .delivery_limit = DELIVERY_LIMIT,
};

struct account_events {
	struct account_events_settings settings;
	pthread_t thread;
	int stop_fd; /* readable once it is to stop */
	struct amqp *amqp;
	struct mongo mongo;
	struct shop shop;
	struct arena *arena;
	struct trace trace; /* of the event at hand */
	atomic_int_fast64_t handled, rejected, failures;
	atomic_bool consuming;
};

/* Waits for MS, or until it is to stop: then true. */
static bool
is_stopping(const struct account_events *events, int64_t ms)
{
	struct pollfd stop = {.fd = events->stop_fd, .events = POLLIN};

	return poll(&stop, 1, (int)ms) > 0;
}

/* The account that was deleted.  ERR_MALFORMED: it is no such event. */
static enum err
read_event(struct account_events *events, struct span body, struct event *event, struct id *user)
{
	const struct cJSON *data;
	const char *id;

	TRY(event_parse(events->arena, body, event));
	data = json_get_object(event->data, "user");
	id = data != NULL ? json_get_text(data, "id") : NULL;
	return id != NULL ? id_parse(id, user) : ERR_MALFORMED;
}

static void
trace_handled(const struct account_events *events, const struct event_head *head, int64_t start_ns)
{
	tracing_record(&(struct tracing_step){
	    .trace = &events->trace,
	    .kind = TRACING_CONSUMER,
	    .name = "process items.account",
	    .start_ns = start_ns,
	    .attributes =
		(const struct tracing_attribute[]){
		    TRACING_TEXT("messaging.system", "rabbitmq"),
		    TRACING_TEXT("messaging.operation.name", "process"),
		    TRACING_TEXT("messaging.operation.type", "process"),
		    TRACING_TEXT("messaging.destination.name", queue.name),
		    TRACING_TEXT("messaging.rabbitmq.destination.routing_key", head->type),
		    TRACING_TEXT("messaging.message.id", head->id.text),
		},
	    .count = 6,
	});
}

static enum err
handle(struct account_events *events, const struct amqp_delivery *delivery)
{
	int64_t start_ns = tracing_now_ns();
	const struct clock *clock = events->settings.clock;
	struct deadline deadline = deadline_in(clock, WORK_MAX_MS);
	struct event event;
	struct fault fault;
	struct call call = {
	    .arena = events->arena,
	    .deadline = &deadline,
	    .now_ms = clock_now_ms(clock),
	    .fault = &fault,
	};
	struct id user;

	if (delivery->too_large)
		return ERR_MALFORMED;
	fault_init(&fault, events->arena);
	TRY(read_event(events, delivery->body, &event, &user));
	trace_continue(event.head.traceparent, &events->trace);
	log_context_set(NULL, events->trace.trace_id, NULL);
	call.traceparent = events->trace.traceparent;
	TRY(retire_seller(&events->shop, &call, &user));
	trace_handled(events, &event.head, start_ns);
	log_info(
	    "a deleted account's items are out of the catalogue", LOG_TEXT("user_id", user.text));
	return ERR_OK;
}

/* Takes one, if there is one.  An error: it is delivered again. */
static enum err
take(struct account_events *events)
{
	struct amqp_delivery delivery;
	enum err err;

	arena_reset(events->arena);
	err = amqp_next(events->amqp, LISTEN_MS, &delivery);
	if (err == ERR_DEADLINE)
		return ERR_OK;
	TRY(err);
	err = handle(events, &delivery);
	if (err != ERR_OK && err_status(err) != 503)
		log_error("event not understood: to the dead letters", LOG_ERR(err),
		    LOG_TEXT("queue", queue.name), LOG_TEXT("message_id", delivery.message_id));
	log_context_clear();
	if (err == ERR_OK) {
		TRY(amqp_ack(events->amqp, delivery.tag));
		atomic_fetch_add(&events->handled, 1);
		return ERR_OK;
	}
	if (err_status(err) == 503) {
		atomic_fetch_add(&events->failures, 1);
		return err;
	}
	TRY(amqp_reject(events->amqp, delivery.tag, false));
	atomic_fetch_add(&events->rejected, 1);
	return ERR_OK;
}

/* From the first connection to the first failure, or to the end. */
static enum err
consume(struct account_events *events)
{
	struct deadline deadline = deadline_in(events->settings.clock, BROKER_MAX_MS);

	/* Only with a store: a message given back counts towards its delivery limit. */
	TRY(mongo_ping(&events->mongo, &deadline));
	TRY(amqp_declare_queue(events->amqp, &deadline, &queue));
	TRY(amqp_consume(events->amqp, &deadline, queue.name, PREFETCH));
	atomic_store(&events->consuming, true);
	while (!is_stopping(events, 0))
		TRY(take(events));
	return ERR_OK;
}

static void *
run(void *argument)
{
	struct account_events *events = argument;
	bool stopping = false;

	while (!stopping) {
		enum err err = consume(events);
		int64_t pause_ms;

		atomic_store(&events->consuming, false);
		amqp_close(events->amqp);
		if (err == ERR_OK)
			break;
		log_warn("not consuming", LOG_TEXT("queue", queue.name), LOG_ERR(err));
		pause_ms = amqp_pause_left_ms(events->amqp); /* jittered, and longer each time */
		stopping = is_stopping(events, pause_ms > PAUSE_MS ? pause_ms : PAUSE_MS);
	}
	return NULL;
}

static enum err
prepare(struct account_events *events)
{
	events->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (events->stop_fd < 0)
		return ERR_INTERNAL;
	TRY(arena_new(ARENA_BYTES, &events->arena));
	TRY(mongo_open(events->settings.pool, &events->mongo));
	shop_init(&events->mongo, &events->shop);
	events->shop.outbox = events->settings.outbox;
	events->shop.low_stock = events->settings.low_stock;
	return amqp_new(
	    events->settings.amqp_url, "items account", events->settings.clock, &events->amqp);
}

static void
discard(struct account_events *events)
{
	amqp_free(&events->amqp);
	shop_fini(&events->shop);
	mongo_close(&events->mongo);
	arena_free(&events->arena);
	if (events->stop_fd >= 0)
		(void)close(events->stop_fd);
	free(events);
}

enum err
account_events_start(const struct account_events_settings *settings, struct account_events **out)
{
	struct account_events *events = calloc(1, sizeof(*events));
	enum err err;

	TRY_ALLOC(events);
	events->settings = *settings;
	err = prepare(events);
	if (err == ERR_OK)
		err = thread_start(&events->thread, run, events);
	if (err != ERR_OK) {
		discard(events);
		return err;
	}
	*out = events;
	return ERR_OK;
}

void
account_events_stats(struct account_events *events, struct account_events_stats *out)
{
	*out = (struct account_events_stats){
	    .handled = atomic_load(&events->handled),
	    .rejected = atomic_load(&events->rejected),
	    .failures = atomic_load(&events->failures),
	    .consuming = atomic_load(&events->consuming),
	};
}

void
account_events_stop(struct account_events **events)
{
	const uint64_t one = 1;

	if (*events == NULL)
		return;
	check(write((*events)->stop_fd, &one, sizeof(one)) == (ssize_t)sizeof(one));
	check(pthread_join((*events)->thread, NULL) == 0);
	discard(*events);
	*events = NULL;
}

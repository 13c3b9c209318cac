#include "notifier/consume.h"

#include <stdlib.h>

#include "notifier/app.h"
#include "notifier/intake.h"
#include "notifier/job_store.h"
#include "notifier/letter.h"
#include "notifier/metric_families.h"
#include "notifier/queues.h"
#include "shared/base/crash.h"
#include "shared/base/log.h"
#include "shared/base/thread.h"
#include "shared/infra/amqp.h"

#define ARENA_BYTES       ((size_t)16 * 1024 * 1024)
#define ARENA_BATCH_BYTES ((size_t)512 * 1024)
#define BATCH_MAX         50
#define PREFETCH          100
#define BROKER_MAX_MS     10000
#define STORE_MAX_MS      10000
#define LISTEN_MS         1000
#define PAUSE_MS          500
#define PAUSE_LONG_MS     5000
#define COUNT_EVERY_MS    5000

struct consumer {
	const struct app *app;
	const struct amqp_queue *queue;
	struct amqp *amqp;
	struct pg *pg;
	struct arena *arena;
	bool consuming;
	int64_t count_at_ms; /* monotonic: when the dead letters are counted again */
	struct letter letters[BATCH_MAX];
	size_t count;
	pthread_t thread;
};

struct consumers {
	size_t count;
	struct consumer consumers[NOTIFIER_QUEUES];
};

static void
count_events(const struct consumer *consumer, const char *result, int64_t count)
{
	const char *const labels[METRIC_LABELS_MAX] = {consumer->queue->name, result};

	if (count > 0)
		metric_add(consumer->app->metrics, &metric_events, labels, count);
}

static void
show_consuming(struct consumer *consumer, bool consuming)
{
	const char *const labels[METRIC_LABELS_MAX] = {consumer->queue->name};

	if (consuming && !consumer->consuming) {
		intake_refused(consumer->app->intake, NULL);
		intake_begin(consumer->app->intake);
	}
	if (!consuming && consumer->consuming)
		intake_end(consumer->app->intake);
	consumer->consuming = consuming;
	metric_set(consumer->app->metrics, &metric_consuming, labels, consuming);
}

/* --- taking a batch ------------------------------------------------------------------------- */

static void
take(struct consumer *consumer, const struct amqp_delivery *delivery)
{
	struct letter *letter = &consumer->letters[consumer->count++];
	enum err err = ERR_BODY_TOO_LARGE;

	letter->tag = delivery->tag;
	if (!delivery->too_large)
		err = letter_plan(consumer->arena, delivery->body, letter);
	letter->bad = err != ERR_OK;
	if (letter->bad)
		log_error("event not understood: to the dead letters", LOG_ERR(err),
		    LOG_TEXT("queue", consumer->queue->name),
		    LOG_TEXT("routing_key", delivery->routing_key),
		    LOG_TEXT("message_id", delivery->message_id));
}

/* Waits for one, then takes what is there already.  ERR_DEADLINE: none came. */
static enum err
gather(struct consumer *consumer)
{
	struct amqp_delivery delivery;
	enum err err;

	arena_reset(consumer->arena);
	consumer->count = 0;
	TRY(amqp_next(consumer->amqp, LISTEN_MS, &delivery));
	do {
		take(consumer, &delivery);
		if (consumer->count == BATCH_MAX ||
		    arena_used_bytes(consumer->arena) > ARENA_BATCH_BYTES)
			return ERR_OK;
		err = amqp_next(consumer->amqp, 0, &delivery);
	} while (err == ERR_OK);
	return err == ERR_DEADLINE ? ERR_OK : err;
}

/* --- keeping it ----------------------------------------------------------------------------- */

static enum err
store(struct consumer *consumer, size_t from, size_t count, int64_t *added)
{
	return letters_store(consumer->pg, consumer->app->clock, consumer->arena,
	    consumer->letters + from, count, added);
}

/* The database's own troubles, which say nothing about the messages. */
static bool
is_passing(enum err err)
{
	return err == ERR_UNAVAILABLE || err == ERR_DEADLINE || err == ERR_BUSY;
}

/* One of the batch can't be stored: find out which. */
static enum err
store_one_by_one(struct consumer *consumer, int64_t *added)
{
	*added = 0;
	for (size_t i = 0; i < consumer->count; i++) {
		int64_t count = 0;
		enum err err = store(consumer, i, 1, &count);

		if (is_passing(err))
			return err;
		*added += count;
		if (err == ERR_OK)
			continue;
		consumer->letters[i].bad = true;
		log_error("event can't be kept: to the dead letters", LOG_ERR(err),
		    LOG_TEXT("event_id", consumer->letters[i].plan.event.head.id.text));
	}
	return ERR_OK;
}

static enum err
acknowledge(struct consumer *consumer)
{
	const struct letter *last_good = NULL;
	int64_t bad = 0;

	for (size_t i = 0; i < consumer->count; i++) {
		const struct letter *letter = &consumer->letters[i];

		if (!letter->bad) {
			last_good = letter;
			continue;
		}
		TRY(amqp_reject(consumer->amqp, letter->tag, false));
		bad++;
	}
	if (last_good != NULL)
		TRY(amqp_ack_until(consumer->amqp, last_good->tag));
	count_events(consumer, "planned", (int64_t)consumer->count - bad);
	count_events(consumer, "rejected", bad);
	return ERR_OK;
}

static enum err
handle_batch(struct consumer *consumer)
{
	static const char *const none[METRIC_LABELS_MAX] = {NULL};
	int64_t added = 0;
	enum err err;

	err = gather(consumer);
	if (err == ERR_DEADLINE)
		return ERR_OK;
	TRY(err);
	err = store(consumer, 0, consumer->count, &added);
	if (err != ERR_OK && !is_passing(err))
		err = store_one_by_one(consumer, &added);
	TRY(err);
	for (size_t i = 0; i < consumer->count; i++)
		if (!consumer->letters[i].bad)
			letter_tell_kept(&consumer->letters[i], consumer->queue->name);
	CRASH_AT("notifier.planned");
	if (added > 0) {
		metric_add(consumer->app->metrics, &metric_jobs_added, none, added);
		wake_all(consumer->app->wake);
	}
	return acknowledge(consumer);
}

/* One of the consumers counts the dead letters of all. */
static enum err
count_dead(struct consumer *consumer)
{
	static const char *const none[METRIC_LABELS_MAX] = {NULL};
	const struct deadline deadline = deadline_in(consumer->app->clock, BROKER_MAX_MS);
	int64_t now_ms = clock_monotonic_ms(consumer->app->clock);
	int64_t count;

	if (consumer->queue != &notifier_queues[0] || now_ms < consumer->count_at_ms)
		return ERR_OK;
	TRY(amqp_count(consumer->amqp, &deadline, DEAD_LETTERS_QUEUE, &count));
	consumer->count_at_ms = now_ms + COUNT_EVERY_MS;
	metric_set(consumer->app->metrics, &metric_dead_letters, none, count);
	return ERR_OK;
}

/* --- the thread ----------------------------------------------------------------------------- */

/* From the first connection to the first failure, or to the end. */
static enum err
consume(struct consumer *consumer)
{
	const struct deadline store_deadline = deadline_in(consumer->app->clock, STORE_MAX_MS);
	const struct deadline deadline = deadline_in(consumer->app->clock, BROKER_MAX_MS);

	/* Only with a database: a message given back counts towards its delivery limit. */
	TRY(job_store_ping(consumer->pg, &store_deadline));
	TRY(amqp_declare_queue(consumer->amqp, &deadline, consumer->queue));
	TRY(amqp_consume(consumer->amqp, &deadline, consumer->queue->name, PREFETCH));
	log_info("consuming", LOG_TEXT("queue", consumer->queue->name));
	show_consuming(consumer, true);
	while (!wake_is_stopping(consumer->app->wake)) {
		TRY(count_dead(consumer));
		TRY(handle_batch(consumer));
	}
	return ERR_OK;
}

static void *
run(void *argument)
{
	struct consumer *consumer = argument;
	struct wake *wake = consumer->app->wake;

	while (!wake_is_stopping(wake)) {
		enum err err = consume(consumer);
		int64_t pause_ms;

		show_consuming(consumer, false);
		if (err == ERR_CONFIG)
			intake_refused(consumer->app->intake, consumer->queue->name);
		amqp_close(consumer->amqp);
		if (err == ERR_OK)
			break;
		log_warn("not consuming", LOG_TEXT("queue", consumer->queue->name), LOG_ERR(err));
		pause_ms = amqp_pause_left_ms(consumer->amqp);
		if (pause_ms < PAUSE_MS)
			pause_ms = PAUSE_MS;
		wake_pause(wake, is_passing(err) ? pause_ms : PAUSE_LONG_MS);
	}
	return NULL;
}

static void
consumer_fini(struct consumer *consumer)
{
	amqp_free(&consumer->amqp);
	pg_free(&consumer->pg);
	arena_free(&consumer->arena);
}

static enum err
consumer_start(const struct app *app, const struct amqp_queue *queue, struct consumer *consumer)
{
	enum err err;

	consumer->app = app;
	consumer->queue = queue;
	err = amqp_new(app->settings->broker.url, queue->name, app->clock, &consumer->amqp);
	if (err == ERR_OK)
		err = pg_new(app->settings->database.url, STORE_MAX_MS, app->clock, &consumer->pg);
	if (err == ERR_OK)
		err = arena_new(ARENA_BYTES, &consumer->arena);
	if (err == ERR_OK)
		err = thread_start(&consumer->thread, run, consumer);
	if (err != ERR_OK)
		consumer_fini(consumer);
	return err;
}

enum err
consumers_start(const struct app *app, struct consumers **out)
{
	struct consumers *consumers = calloc(1, sizeof(*consumers));
	enum err err = ERR_OK;

	TRY_ALLOC(consumers);
	while (err == ERR_OK && consumers->count < NOTIFIER_QUEUES) {
		size_t at = consumers->count;

		err = consumer_start(app, &notifier_queues[at], &consumers->consumers[at]);
		if (err == ERR_OK)
			consumers->count++;
	}
	/* Even half of them must be joined by the caller. */
	*out = consumers;
	return err;
}

enum err
consumers_join(struct consumers **consumers, const struct deadline *deadline)
{
	struct consumers *own = *consumers;

	if (own == NULL)
		return ERR_OK;
	while (own->count > 0) {
		TRY(thread_join(own->consumers[own->count - 1].thread, deadline));
		consumer_fini(&own->consumers[--own->count]);
	}
	free(own);
	*consumers = NULL;
	return ERR_OK;
}

#include "notifier/deliver_webhook.h"

#include <stdlib.h>

#include "notifier/app.h"
#include "notifier/delivery_slots.h"
#include "notifier/metric_families.h"
#include "notifier/webhook.h"
#include "notifier/webhook_message.h"
#include "notifier/webhook_outcome.h"
#include "shared/base/crash.h"
#include "shared/base/log.h"
#include "shared/base/thread.h"
#include "shared/base/tracing.h"

#define ARENA_BYTES    ((size_t)128 * 1024)
#define STORE_MAX_MS   5000
#define LOOK_EVERY_MS  500
#define STORE_PAUSE_MS 1000
/* What is left of the time to stop when calls are broken off, so that it can be recorded. */
#define LAST_WORDS_MS 2000
/* A lease outlives the call and some trouble with recording it. */
#define LEASE_MARGIN_MS 15000

struct deliverer {
	const struct app *app;
	struct pg *pg;
	struct arena *arena; /* for recording */
	struct http_poster *poster;
	struct delivery_slots *slots;
	struct id from;       /* where the next look begins */
	int64_t look_at_ms;   /* monotonic */
	int64_t record_at_ms; /* not before then, after a failure */
	pthread_t thread;
};

static int64_t
now_ms(const struct deliverer *deliverer)
{
	return clock_monotonic_ms(deliverer->app->clock);
}

/* --- ending --------------------------------------------------------------------------------- */

static void
count_ending(
    const struct app *app, const struct delivery *delivery, const struct delivery_result *result)
{
	const char *name = attempt_result_names[result->outcome.result];
	const char *const labels[METRIC_LABELS_MAX] = {CHANNEL_WEBHOOK, "", name};
	const char *const channel[METRIC_LABELS_MAX] = {CHANNEL_WEBHOOK};
	char trace_id[TRACE_ID_SIZE];

	metric_add(app->metrics, &metric_deliveries, labels, 1);
	metric_observe_ms(
	    app->metrics, &metric_delivery_time, channel, result->outcome.duration_ms);
	log_context_set(NULL, trace_id_of(delivery->traceparent, trace_id), NULL);
	log_write(result->outcome.result == ATTEMPT_SENT ? LOG_INFO : LOG_WARN, "delivery",
	    (const struct log_field[]){LOG_TEXT("result", name),
		LOG_TEXT("channel", CHANNEL_WEBHOOK),
		LOG_TEXT("webhook_id", delivery->webhook_id.text),
		LOG_TEXT("event_id", delivery->event_id.text),
		LOG_INT("attempt", delivery->attempt), LOG_INT("status_code", result->status_code),
		LOG_INT("duration_ms", result->outcome.duration_ms)},
	    7);
	log_context_clear();
}

static void
show_in_flight(const struct deliverer *deliverer)
{
	static const char *const none[METRIC_LABELS_MAX] = {NULL};

	metric_set(deliverer->app->metrics, &metric_webhooks_in_flight, none,
	    (int64_t)http_poster_count(deliverer->poster));
}

static void
end_uncalled(struct deliverer *deliverer, struct delivery_slot *slot, enum attempt_result result,
    const char *why)
{
	slot->state = SLOT_ENDED;
	slot->ending.called = false;
	webhook_outcome_unsent(&slot->delivery, result, why, &slot->ending.result);
	count_ending(deliverer->app, &slot->delivery, &slot->ending.result);
}

/* Not where it went: the path may hold what only its owner is to know. */
static void
trace_call(const struct delivery_slot *slot)
{
	const struct delivery_result *result = &slot->ending.result;
	bool sent = result->outcome.result == ATTEMPT_SENT;

	tracing_record(&(struct tracing_step){
	    .trace = &slot->trace,
	    .kind = TRACING_CLIENT,
	    .name = "POST",
	    .start_ns = slot->start_ns,
	    .error = sent ? NULL : attempt_result_names[result->outcome.result],
	    .attributes =
		(const struct tracing_attribute[]){
		    TRACING_TEXT("http.request.method", "POST"),
		    TRACING_NUMBER("http.response.status_code", result->status_code),
		    TRACING_NUMBER("http.request.resend_count", slot->delivery.attempt - 1),
		    TRACING_TEXT("shop.webhook_id", slot->delivery.webhook_id.text),
		    TRACING_TEXT("shop.event_id", slot->delivery.event_id.text),
		},
	    .count = 5,
	});
}

static void
end_called(struct deliverer *deliverer, const struct http_posted *posted)
{
	struct delivery_slot *slot = posted->context;
	uint32_t dice;

	random_bytes(&dice, sizeof(dice));
	slot->state = SLOT_ENDED;
	slot->ending.called = true;
	webhook_outcome_of_answer(&slot->delivery, posted, dice, &slot->ending.result);
	count_ending(deliverer->app, &slot->delivery, &slot->ending.result);
	trace_call(slot);
	if (slot->ending.result.outcome.result == ATTEMPT_SENT)
		CRASH_AT("notifier.delivered");
}

static void
collect(struct deliverer *deliverer)
{
	struct http_posted posted;

	while (http_poster_next(deliverer->poster, &posted) == ERR_OK) {
		end_called(deliverer, &posted);
		/* There is room again, for an endpoint that had none. */
		deliverer->look_at_ms = 0;
	}
	show_in_flight(deliverer);
}

static void
interrupt_all(struct deliverer *deliverer)
{
	struct http_posted posted;

	while (http_poster_interrupt(deliverer->poster, &posted) == ERR_OK)
		end_uncalled(deliverer, posted.context, ATTEMPT_TRY_LATER,
		    "interrupted: the notifier was stopped");
}

/* --- recording ------------------------------------------------------------------------------ */

/* What is not kept now, because the database is away, is kept later, while the lease stands. */
static void
record(struct deliverer *deliverer)
{
	static const char *const none[METRIC_LABELS_MAX] = {NULL};
	struct delivery_slot *slots[WEBHOOK_RECORD_MAX];
	const struct webhook_ending *endings[WEBHOOK_RECORD_MAX];
	size_t count = WEBHOOK_RECORD_MAX;

	while (count == WEBHOOK_RECORD_MAX && now_ms(deliverer) >= deliverer->record_at_ms) {
		int64_t disabled;
		enum err err;

		count = delivery_slots_ended(deliverer->slots, slots, WEBHOOK_RECORD_MAX);
		if (count == 0)
			return;
		for (size_t i = 0; i < count; i++)
			endings[i] = &slots[i]->ending;
		arena_reset(deliverer->arena);
		err = webhook_record(deliverer->pg, deliverer->app->clock, deliverer->arena,
		    endings, count, &disabled);
		if (err != ERR_OK) {
			log_warn("deliveries not recorded", LOG_ERR(err),
			    LOG_INT("count", (int64_t)count));
			deliverer->record_at_ms = now_ms(deliverer) + STORE_PAUSE_MS;
			return;
		}
		metric_add(deliverer->app->metrics, &metric_webhooks_disabled, none, disabled);
		for (size_t i = 0; i < count; i++)
			delivery_slot_release(slots[i]);
	}
}

/* --- beginning ------------------------------------------------------------------------------ */

static void
begin(struct deliverer *deliverer, struct delivery_slot *slot)
{
	const struct delivery *delivery = &slot->delivery;
	struct http_post post;
	enum err err;

	if (!delivery->has_webhook || !delivery->active || delivery->data == NULL) {
		end_uncalled(deliverer, slot, ATTEMPT_REFUSED,
		    !delivery->has_webhook  ? "the webhook was removed"
			: !delivery->active ? "the webhook is disabled"
					    : "the event is too large");
		return;
	}
	slot->start_ns = tracing_now_ns();
	err = webhook_message_make(
	    delivery, clock_now_ms(deliverer->app->clock), &slot->trace, &post);
	post.context = slot;
	if (err == ERR_OK)
		err = http_poster_begin(deliverer->poster, &post);
	if (err == ERR_OK) {
		slot->state = SLOT_CALLING;
		return;
	}
	log_error("webhook can't be called", LOG_ERR(err),
	    LOG_TEXT("webhook_id", delivery->webhook_id.text));
	end_uncalled(deliverer, slot, err == ERR_CORRUPT ? ATTEMPT_REFUSED : ATTEMPT_TRY_LATER,
	    err == ERR_CORRUPT ? "the secret can't be read" : "out of memory");
	slot->ending.result.pause_ms = STORE_PAUSE_MS;
}

/* Leases what is due and fits, into the first *COUNT of SLOTS. */
static enum err
lease(struct deliverer *deliverer, struct delivery_look *request,
    struct delivery_slot *slots[DELIVERY_LOOK_MAX], size_t *count)
{
	const struct deadline deadline = deadline_in(deliverer->app->clock, STORE_MAX_MS);
	struct delivery *deliveries[DELIVERY_LOOK_MAX];

	request->busy = delivery_slots_busy(deliverer->slots, &request->busy_count);
	request->max = delivery_slots_free_ones(deliverer->slots, slots, DELIVERY_LOOK_MAX);
	if (request->max == 0)
		return ERR_BUSY;
	for (size_t i = 0; i < request->max; i++)
		deliveries[i] = &slots[i]->delivery;
	return delivery_store_lease(deliverer->pg, &deadline, request, deliveries, count);
}

/* One look: begins what it finds.  The next comes at once while there may be more. */
static enum err
look(struct deliverer *deliverer)
{
	static const struct id start = DELIVERY_FROM_START;
	const struct notifier_settings *settings = deliverer->app->settings;
	struct delivery_slot *slots[DELIVERY_LOOK_MAX];
	bool from_start = id_equal(&deliverer->from, &start);
	struct delivery_look request = {
	    .lease_ms = settings->webhook_timeout_ms + LEASE_MARGIN_MS,
	    .endpoint_max = settings->webhook_endpoint_transfers,
	    .from = deliverer->from,
	};
	size_t count;

	deliverer->look_at_ms = now_ms(deliverer) + LOOK_EVERY_MS;
	TRY(lease(deliverer, &request, slots, &count));
	for (size_t i = 0; i < count; i++)
		begin(deliverer, slots[i]);
	deliverer->from = request.from;
	if (count > 0 || !request.at_end || !from_start)
		deliverer->look_at_ms = 0;
	return ERR_OK;
}

static void
look_if_time(struct deliverer *deliverer)
{
	enum err err;

	if (now_ms(deliverer) < deliverer->look_at_ms)
		return;
	err = look(deliverer);
	if (err == ERR_OK || err == ERR_BUSY)
		return;
	log_warn("can't look for deliveries", LOG_ERR(err));
	deliverer->look_at_ms = now_ms(deliverer) + STORE_PAUSE_MS;
}

/* --- the thread ----------------------------------------------------------------------------- */

static int64_t
until_look(const struct deliverer *deliverer)
{
	int64_t left = deliverer->look_at_ms - now_ms(deliverer);

	return left > 0 ? left : 0;
}

/* What is under way may end, within reason. */
static void
finish(struct deliverer *deliverer)
{
	int64_t limit_ms = deliverer->app->settings->program.shutdown_timeout_s * 1000;
	const struct deadline calls = deadline_in(
	    deliverer->app->clock, limit_ms > LAST_WORDS_MS ? limit_ms - LAST_WORDS_MS : 0);
	const struct deadline all = deadline_in(deliverer->app->clock, limit_ms);
	struct delivery_slot *slot;

	while (http_poster_count(deliverer->poster) > 0 && deadline_left_ms(&calls) > 0) {
		http_poster_wait(deliverer->poster, deadline_left_ms(&calls), -1);
		collect(deliverer);
		record(deliverer);
	}
	interrupt_all(deliverer);
	do
		record(deliverer);
	while (delivery_slots_ended(deliverer->slots, &slot, 1) > 0 && deadline_left_ms(&all) > 0);
}

static void *
run(void *argument)
{
	struct deliverer *deliverer = argument;
	struct wake *wake = deliverer->app->wake;

	while (!wake_is_stopping(wake)) {
		look_if_time(deliverer);
		http_poster_wait(deliverer->poster, until_look(deliverer), wake_descriptor(wake));
		if (wake_forget(wake))
			deliverer->look_at_ms = 0;
		collect(deliverer);
		record(deliverer);
	}
	finish(deliverer);
	return NULL;
}

static void
deliverer_free(struct deliverer *deliverer)
{
	http_poster_free(&deliverer->poster);
	pg_free(&deliverer->pg);
	arena_free(&deliverer->arena);
	delivery_slots_free(&deliverer->slots);
	free(deliverer);
}

static enum err
deliverer_init(struct deliverer *deliverer)
{
	static const struct id start = DELIVERY_FROM_START;
	const struct app *app = deliverer->app;
	const struct http_poster_rules rules = {
	    .allow_http = app->settings->webhook.allow_http,
	    .allow_private = app->settings->webhook.allow_private,
	    .timeout_ms = app->settings->webhook_timeout_ms,
	    .transfers_max = (size_t)app->settings->webhook_transfers,
	    .user_agent = "shop-webhooks/" PROGRAM_VERSION,
	};

	deliverer->from = start;
	TRY(delivery_slots_new(rules.transfers_max, &deliverer->slots));
	TRY(arena_new(ARENA_BYTES, &deliverer->arena));
	TRY(pg_new(app->settings->database.url, STORE_MAX_MS, app->clock, &deliverer->pg));
	return http_poster_new(&rules, app->clock, &deliverer->poster);
}

enum err
deliverer_start(const struct app *app, struct deliverer **out)
{
	struct deliverer *deliverer = calloc(1, sizeof(*deliverer));
	enum err err;

	TRY_ALLOC(deliverer);
	deliverer->app = app;
	err = deliverer_init(deliverer);
	if (err == ERR_OK)
		err = thread_start(&deliverer->thread, run, deliverer);
	if (err != ERR_OK) {
		deliverer_free(deliverer);
		return err;
	}
	*out = deliverer;
	return ERR_OK;
}

enum err
deliverer_join(struct deliverer **deliverer, const struct deadline *deadline)
{
	struct deliverer *own = *deliverer;

	if (own == NULL)
		return ERR_OK;
	TRY(thread_join(own->thread, deadline));
	deliverer_free(own);
	*deliverer = NULL;
	return ERR_OK;
}

#include "fcgi/items/items_metrics.h"

#include "fcgi/items/account_events.h"
#include "fcgi/items/app.h"
#include "fcgi/items/sweeper.h"
#include "shared/edge/metrics.h"
#include "shared/edge/outbox_metrics.h"
#include "shared/edge/verifier.h"

static const struct metric_family purchases = {
    "shop_purchases_total", METRIC_COUNTER, "Purchases by result.", {"result"}};
static const struct metric_family swept = {
    "shop_swept_total", METRIC_COUNTER, "What the sweeper found left behind.", {"what"}};
static const struct metric_family sweep_failures = {"shop_sweep_failures_total", METRIC_COUNTER,
    "Passes of the sweeper that met an error.", {NULL}};

static const struct metric_family account_events = {"shop_account_events_total", METRIC_COUNTER,
    "Events about accounts that were taken from the queue, by result.", {"result"}};
static const struct metric_family account_consuming = {"shop_account_events_consuming",
    METRIC_GAUGE, "Whether the queue of events about accounts is being taken from.", {NULL}};

static const char *const no_labels[METRIC_LABELS_MAX] = {NULL};

static void
set_by(
    struct metrics *metrics, const struct metric_family *family, const char *label, int64_t value)
{
	const char *const values[METRIC_LABELS_MAX] = {label};

	metric_set(metrics, family, values, value);
}

static void
collect_sweeper(const struct app *app)
{
	struct sweeper_stats stats;

	sweeper_stats(app->sweeper, &stats);
	set_by(app->metrics, &swept, "orders_failed", stats.counts.orders_failed);
	set_by(app->metrics, &swept, "reservations_released", stats.counts.reservations_freed);
	set_by(app->metrics, &swept, "reservations_settled", stats.counts.reservations_settled);
	set_by(app->metrics, &swept, "lines_returned", stats.counts.lines_returned);
	set_by(app->metrics, &swept, "settlements_dropped", settle_queue_dropped(app->sold));
	metric_set(app->metrics, &sweep_failures, no_labels, stats.failures);
}

static void
collect_accounts(const struct app *app)
{
	struct account_events_stats stats;

	account_events_stats(app->accounts, &stats);
	set_by(app->metrics, &account_events, "handled", stats.handled);
	set_by(app->metrics, &account_events, "rejected", stats.rejected);
	set_by(app->metrics, &account_events, "failed", stats.failures);
	metric_set(app->metrics, &account_consuming, no_labels, stats.consuming);
}

void
items_metrics_collect(const struct app *app)
{
	outbox_metrics_collect(app->outbox, app->metrics);
	collect_sweeper(app);
	collect_accounts(app);
	verifier_collect(app->verifier, app->metrics);
}

void
items_metrics_purchase(const struct app *app, enum err err, bool replayed)
{
	const char *const values[METRIC_LABELS_MAX] = {
	    replayed            ? "replayed"
		: err == ERR_OK ? "confirmed"
				: err_code(err),
	};

	metric_add(app->metrics, &purchases, values, 1);
}

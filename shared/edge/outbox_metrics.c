#include "shared/edge/outbox_metrics.h"

static const struct metric_family waiting = {
    "shop_outbox_events", METRIC_GAUGE, "What has events that wait for the broker.", {NULL}};
static const struct metric_family age = {"shop_outbox_oldest_seconds", METRIC_GAUGE,
    "Age of the oldest event that waits for the broker.", {NULL}};
static const struct metric_family relayed = {"shop_outbox_relayed_total", METRIC_COUNTER,
    "Events handed to the broker, by result.", {"result"}};

static void
set_relayed(struct metrics *metrics, const char *result, int64_t count)
{
	const char *const values[METRIC_LABELS_MAX] = {result};

	metric_set(metrics, &relayed, values, count);
}

void
outbox_metrics_collect(const struct outbox *outbox, struct metrics *metrics)
{
	static const char *const none[METRIC_LABELS_MAX] = {NULL};
	struct outbox_stats stats;

	outbox_stats(outbox, &stats);
	metric_set(metrics, &waiting, none, stats.depth);
	metric_set(metrics, &age, none, stats.oldest_ms / 1000);
	set_relayed(metrics, "confirmed", stats.published);
	set_relayed(metrics, "returned", stats.returned);
	set_relayed(metrics, "failed", stats.failures);
}

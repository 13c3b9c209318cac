#include "notifier/metric_families.h"

const struct metric_family metric_events = {
    .name = "shop_notifier_events_total",
    .type = METRIC_COUNTER,
    .help = "Events taken from the broker, by queue and by whether they were understood.",
    .labels = {"queue", "result"},
};

const struct metric_family metric_jobs_added = {
    .name = "shop_notifier_jobs_added_total",
    .type = METRIC_COUNTER,
    .help = "Jobs made of events, repeated events not counted.",
};

const struct metric_family metric_deliveries = {
    .name = "shop_notifier_deliveries_total",
    .type = METRIC_COUNTER,
    .help = "Attempts to deliver, by their result.",
    .labels = {"channel", "template", "result"},
};

const struct metric_family metric_delivery_time = {
    .name = "shop_notifier_delivery_duration_seconds",
    .type = METRIC_HISTOGRAM,
    .help = "How long an attempt took.",
    .labels = {"channel"},
};

const struct metric_family metric_dead_letters = {
    .name = "shop_notifier_dead_letters",
    .type = METRIC_GAUGE,
    .help = "Events that could not be understood or kept, and wait for somebody to look at them.",
};

const struct metric_family metric_webhooks_in_flight = {
    .name = "shop_notifier_webhooks_in_flight",
    .type = METRIC_GAUGE,
    .help = "Calls of webhooks that are under way.",
};

const struct metric_family metric_webhooks_disabled = {
    .name = "shop_notifier_webhooks_disabled_total",
    .type = METRIC_COUNTER,
    .help = "Webhooks disabled because of what their endpoints answered, or did not.",
};

const struct metric_family metric_jobs = {
    .name = "shop_notifier_jobs",
    .type = METRIC_GAUGE,
    .help = "Jobs that wait (queued), and those that were given up (failed).",
    .labels = {"state"},
};

const struct metric_family metric_due = {
    .name = "shop_notifier_jobs_due",
    .type = METRIC_GAUGE,
    .help = "Queued jobs whose time has come and that no worker has taken yet.",
};

const struct metric_family metric_oldest_due = {
    .name = "shop_notifier_oldest_due_milliseconds",
    .type = METRIC_GAUGE,
    .help = "How long the first of the due jobs has waited.",
};

const struct metric_family metric_consuming = {
    .name = "shop_notifier_consuming",
    .type = METRIC_GAUGE,
    .help = "1 while the queue is being consumed.",
    .labels = {"queue"},
};

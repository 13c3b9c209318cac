/*
 * notifier/metric_families: what /metrics tells.
 */
#ifndef NOTIFIER_METRIC_FAMILIES_H
#define NOTIFIER_METRIC_FAMILIES_H

#include "shared/edge/metrics.h"

extern const struct metric_family metric_events;     /* queue, result */
extern const struct metric_family metric_jobs_added; /* none */
extern const struct metric_family metric_deliveries; /* channel, template, result */
extern const struct metric_family metric_delivery_time;
extern const struct metric_family metric_dead_letters;
extern const struct metric_family metric_webhooks_in_flight;
extern const struct metric_family metric_webhooks_disabled;
extern const struct metric_family metric_jobs; /* state */
extern const struct metric_family metric_due;
extern const struct metric_family metric_oldest_due;
extern const struct metric_family metric_consuming; /* queue */

#endif

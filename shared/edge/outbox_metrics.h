/*
 * edge/outbox_metrics: what a program's relay tells Prometheus: shop_outbox_*.
 *
 * Layer: edge.  Safe on any thread.
 */
#ifndef SHARED_EDGE_OUTBOX_METRICS_H
#define SHARED_EDGE_OUTBOX_METRICS_H

#include "shared/edge/metrics.h"
#include "shared/infra/outbox.h"

/* As of the relay's last look. */
void outbox_metrics_collect(const struct outbox *outbox, struct metrics *metrics);

#endif

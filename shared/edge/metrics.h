/*
 * edge/metrics: counters, gauges and histograms in Prometheus' text format 0.0.4.
 *
 * Layer: edge.  Families are const tables of the program; series are made on first use and live
 * for the process; their number is bounded (METRICS_SERIES_MAX a family, then they are dropped and
 * counted).  Updates are atomic adds: safe on any thread.
 */
#ifndef SHARED_EDGE_METRICS_H
#define SHARED_EDGE_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "shared/base/buf.h"
#include "shared/base/err.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

#define METRIC_LABELS_MAX  3
#define METRICS_SERIES_MAX 512

struct metric_family {
	const char *name; /* "shop_http_requests_total" */
	enum metric_type type;
	const char *help;
	const char *labels[METRIC_LABELS_MAX]; /* names; NULL beyond */
};

struct metrics;

/* FAMILIES (ended by a NULL name) are known by their address; borrowed for life.  May be called
 * with several tables: the edge has its own. */
MUST_USE enum err metrics_new(struct metrics **out);
void metrics_free(struct metrics **metrics);

/* VALUES: one text per label.  Histograms observe milliseconds; they print seconds. */
void metric_add(struct metrics *metrics, const struct metric_family *family,
    const char *const values[METRIC_LABELS_MAX], int64_t delta);
void metric_set(struct metrics *metrics, const struct metric_family *family,
    const char *const values[METRIC_LABELS_MAX], int64_t value);
void metric_observe_ms(struct metrics *metrics, const struct metric_family *family,
    const char *const values[METRIC_LABELS_MAX], int64_t milliseconds);
/* The whole text. */
void metrics_write(struct metrics *metrics, struct buf *out);

#endif

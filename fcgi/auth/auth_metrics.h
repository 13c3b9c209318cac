/*
 * auth/auth_metrics: what auth counts beside what the edge counts.
 */
#ifndef FCGI_AUTH_AUTH_METRICS_H
#define FCGI_AUTH_AUTH_METRICS_H

#include "shared/edge/metrics.h"

struct app;

extern const struct metric_family metric_bcrypt_wait;
extern const struct metric_family metric_sign_ins; /* by result */

extern const char *const metric_no_labels[METRIC_LABELS_MAX];

/* Sets the gauges, just before the metrics are printed. */
void auth_metrics_collect(const struct app *app);

#endif

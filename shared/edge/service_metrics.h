/*
 * edge/service_metrics: what is counted of every request.
 *
 * Layer: edge.  Safe on any thread.
 */
#ifndef SHARED_EDGE_SERVICE_METRICS_H
#define SHARED_EDGE_SERVICE_METRICS_H

#include "shared/edge/service.h"

/* Build info, once. */
void service_metrics_start(const struct service *service);
/* A request begins, and ends. */
void service_metrics_begin(const struct service *service);
void service_metrics_end(const struct service *service, const char *route, const char *method,
    int status, int64_t duration_ms);

#endif

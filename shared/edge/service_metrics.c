#include "shared/edge/service_metrics.h"

#include <stdio.h>

static const struct metric_family requests = {
    .name = "shop_http_requests_total",
    .type = METRIC_COUNTER,
    .help = "Requests by operation, method and status.",
    .labels = {"route", "method", "status"},
};
static const struct metric_family durations = {
    .name = "shop_http_request_duration_seconds",
    .type = METRIC_HISTOGRAM,
    .help = "Time from a request's arrival to its answer.",
    .labels = {"route", "method"},
};
static const struct metric_family in_flight = {
    .name = "shop_http_requests_in_flight",
    .type = METRIC_GAUGE,
    .help = "Requests that workers are busy with.",
};
static const struct metric_family build_info = {
    .name = "shop_build_info",
    .type = METRIC_GAUGE,
    .help = "Always 1; the labels tell what runs.",
    .labels = {"service", "version"},
};

static const char *const no_labels[METRIC_LABELS_MAX] = {NULL};

void
service_metrics_start(const struct service *service)
{
	const char *const labels[METRIC_LABELS_MAX] = {service->name, PROGRAM_VERSION};

	metric_set(service->metrics, &build_info, labels, 1);
	metric_set(service->metrics, &in_flight, no_labels, 0);
}

void
service_metrics_begin(const struct service *service)
{
	metric_add(service->metrics, &in_flight, no_labels, 1);
}

void
service_metrics_end(const struct service *service, const char *route, const char *method,
    int status, int64_t duration_ms)
{
	char status_text[12];
	const char *const labels[METRIC_LABELS_MAX] = {route, method, status_text};

	(void)snprintf(status_text, sizeof(status_text), "%d", status);
	metric_add(service->metrics, &requests, labels, 1);
	metric_observe_ms(service->metrics, &durations, labels, duration_ms);
	metric_add(service->metrics, &in_flight, no_labels, -1);
}

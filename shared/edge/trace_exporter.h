/*
 * edge/trace_exporter: sends the process's recorded steps to an OpenTelemetry collector, by
 * OTLP/HTTP in JSON.
 *
 * Layer: edge.  One thread, which sends every DELAY_MS or when 512 wait.  What can't be sent is
 * lost and counted, and said once a minute: traces are worth no memory.
 */
#ifndef SHARED_EDGE_TRACE_EXPORTER_H
#define SHARED_EDGE_TRACE_EXPORTER_H

#include "shared/base/err.h"
#include "shared/edge/metrics.h"

struct trace_exporter;

/* ENDPOINT: the collector's address, to which /v1/traces is added; "" makes *OUT NULL, and nothing
 * is recorded.  SERVICE is borrowed.  Before all threads.  ERR_MEMORY. */
MUST_USE enum err trace_exporter_start(
    const char *endpoint, int64_t delay_ms, const char *service, struct trace_exporter **out);
/* After all threads that record.  Sends what is left, for two seconds at most. */
void trace_exporter_stop(struct trace_exporter **exporter);
/* Shows what was sent, what was lost. */
void trace_exporter_collect(struct metrics *metrics);

#endif

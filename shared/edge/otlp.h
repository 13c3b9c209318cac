/*
 * edge/otlp: recorded steps as OpenTelemetry's OTLP 1 in JSON, the body of POST /v1/traces.
 *
 * Layer: edge.  Pure.
 */
#ifndef SHARED_EDGE_OTLP_H
#define SHARED_EDGE_OTLP_H

#include "shared/base/buf.h"
#include "shared/base/tracing.h"

/* Errors stick in OUT. */
void otlp_write(const char *service, const char *version, const struct tracing_record *records,
    size_t count, struct buf *out);

#endif

/*
 * base/trace: W3C Trace Context (https://www.w3.org/TR/trace-context/), version 00.
 *
 * Layer: base.  A request's trace goes through every hop: answers' logs, events, mails, webhooks.
 */
#ifndef SHARED_BASE_TRACE_H
#define SHARED_BASE_TRACE_H

#include <stdbool.h>

#define TRACE_ID_SIZE    33
#define SPAN_ID_SIZE     17
#define TRACEPARENT_SIZE 56

struct trace {
	char trace_id[TRACE_ID_SIZE];       /* 32 lower-case hexadecimal digits */
	char traceparent[TRACEPARENT_SIZE]; /* of this hop: a fresh parent-id under the trace */
	char parent_id[SPAN_ID_SIZE];       /* the hop before; "": there was none */
	bool sampled;
};

/* Continues the trace of INCOMING; makes a new one when it is NULL or not valid. */
void trace_continue(const char *incoming, struct trace *out);
/* This hop's id, which is the next one's parent. */
void trace_span_id(const struct trace *trace, char out[SPAN_ID_SIZE]);
/* The trace id of TRACEPARENT, copied to OUT, which is returned; NULL when it is NULL or not valid.
 * For log_context_set, where work goes on that a request began. */
const char *trace_id_of(const char *traceparent, char out[TRACE_ID_SIZE]);

#endif

/*
 * base/tracing: the steps of traces, as OpenTelemetry's spans, on their way out of the process.
 *
 * Layer: base.  Whoever finishes a step records it; edge/trace_exporter takes them out.  Before
 * tracing_start nothing is kept and recording costs one look.  Recording never waits: what finds
 * the queue full is dropped and counted.  Like the log it is the process's own, because every layer
 * records; it is started once, before threads are.  Safe on any thread afterwards.
 */
#ifndef SHARED_BASE_TRACING_H
#define SHARED_BASE_TRACING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"
#include "shared/base/trace.h"

enum tracing_kind { /* OTLP's numbers */
	TRACING_SERVER = 2,
	TRACING_CLIENT,
	TRACING_PRODUCER,
	TRACING_CONSUMER
};

struct tracing_attribute {
	const char *key;  /* lives for ever */
	const char *text; /* NULL: NUMBER counts */
	int64_t number;
};

#define TRACING_TEXT(k, v)   ((struct tracing_attribute){.key = (k), .text = (v)})
#define TRACING_NUMBER(k, v) ((struct tracing_attribute){.key = (k), .number = (v)})

struct tracing_step {
	const struct trace *trace; /* this step's; those of an unsampled one are not kept */
	enum tracing_kind kind;
	const char *name;  /* of few values: "GET /item/{id}" */
	int64_t start_ns;  /* of tracing_now_ns */
	const char *error; /* error.type; NULL: it succeeded */
	const struct tracing_attribute *attributes;
	size_t count;
};

/* ERR_MEMORY. */
MUST_USE enum err tracing_start(void);
/* Nothing is kept from here on.  May run twice. */
void tracing_stop(void);
bool tracing_is_on(void);
/* Nanoseconds since 1970. */
int64_t tracing_now_ns(void);
/* It ends now.  All texts are copied, and cut to TRACING_TEXT_SIZE. */
void tracing_record(const struct tracing_step *step);

/* --- taking them out ------------------------------------------------------------------------ */

#define TRACING_TEXT_SIZE      128
#define TRACING_ATTRIBUTES_MAX 8
#define TRACING_QUEUE_MAX      1024
#define TRACING_BATCH_MAX      512

struct tracing_record {
	char trace_id[TRACE_ID_SIZE];
	char span_id[SPAN_ID_SIZE], parent_id[SPAN_ID_SIZE];
	enum tracing_kind kind;
	int64_t start_ns, end_ns;
	char name[TRACING_TEXT_SIZE], error[TRACING_TEXT_SIZE];
	struct tracing_kept {
		const char *key;
		bool is_text;
		int64_t number;
		char text[TRACING_TEXT_SIZE];
	} attributes[TRACING_ATTRIBUTES_MAX];
	size_t count;
};

/* Up to TRACING_BATCH_MAX, oldest first.  How many. */
size_t tracing_take(struct tracing_record out[TRACING_BATCH_MAX]);
/* Waits up to MS, or until a batch is full or tracing_wake was called. */
void tracing_wait(int64_t ms);
void tracing_wake(void);
int64_t tracing_dropped(void);

#endif

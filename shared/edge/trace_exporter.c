#include "shared/edge/trace_exporter.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/base/macros.h"
#include "shared/base/thread.h"
#include "shared/base/tracing.h"
#include "shared/edge/otlp.h"
#include "shared/edge/program.h"
#include "shared/infra/http_poster.h"

#define SEND_MAX_MS      5000
#define LAST_MAX_MS      2000
#define COMPLAIN_EVERY_S 60
#define BODY_MAX_BYTES   ((size_t)2 << 20)
#define URL_MAX_BYTES    2048

struct trace_exporter {
	const char *service;
	char url[URL_MAX_BYTES];
	int64_t delay_ms;
	struct http_poster *poster;
	struct buf body;
	struct tracing_record *batch;
	int64_t complain_at_ms; /* monotonic */
	pthread_t thread;
	atomic_bool stopping;
};

/* Counts, as the log and the queue are the process's own. */
static atomic_llong sent, lost;

static const struct metric_family exported = {"shop_trace_spans_total", METRIC_COUNTER,
    "Steps of traces, by what became of them: sent, lost (the collector did not take them), "
    "dropped (the queue was full).",
    {"result"}};

static void
complain(struct trace_exporter *exporter, const struct http_posted *posted)
{
	int64_t now_ms = clock_monotonic_ms(&clock_system);

	if (now_ms < exporter->complain_at_ms)
		return;
	exporter->complain_at_ms = now_ms + COMPLAIN_EVERY_S * 1000;
	log_warn("traces are not taken", LOG_INT("status_code", posted->status),
	    LOG_TEXT("detail", posted->error), LOG_INT("lost", atomic_load(&lost)));
}

/* True: they were taken. */
static bool
post(struct trace_exporter *exporter, int64_t limit_ms, struct http_posted *posted)
{
	const struct deadline deadline = deadline_in(&clock_system, limit_ms);
	const struct http_post post = {
	    .url = exporter->url,
	    .headers = {"Content-Type: application/json"},
	    .body = span_of(exporter->body.data, exporter->body.len),
	};

	enum err err;

	*posted = (struct http_posted){.status = 0};
	if (buf_finish(&exporter->body) != ERR_OK ||
	    http_poster_begin(exporter->poster, &post) != ERR_OK)
		return false;
	do {
		http_poster_wait(exporter->poster, deadline_left_ms(&deadline), -1);
		err = http_poster_next(exporter->poster, posted);
	} while (err != ERR_OK && deadline_left_ms(&deadline) > 0);
	if (err != ERR_OK)
		err = http_poster_interrupt(exporter->poster, posted);
	return err == ERR_OK && posted->status >= 200 && posted->status < 300;
}

/* How many there were. */
static size_t
send_batch(struct trace_exporter *exporter, int64_t limit_ms)
{
	struct http_posted posted;
	size_t count = tracing_take(exporter->batch);

	if (count == 0)
		return 0;
	buf_reset(&exporter->body);
	otlp_write(exporter->service, PROGRAM_VERSION, exporter->batch, count, &exporter->body);
	if (post(exporter, limit_ms, &posted)) {
		atomic_fetch_add(&sent, (long long)count);
	} else {
		atomic_fetch_add(&lost, (long long)count);
		complain(exporter, &posted);
	}
	return count;
}

static void *
run(void *argument)
{
	struct trace_exporter *exporter = argument;

	while (!atomic_load(&exporter->stopping)) {
		tracing_wait(exporter->delay_ms);
		if (!atomic_load(&exporter->stopping))
			(void)send_batch(exporter, SEND_MAX_MS);
	}
	(void)send_batch(exporter, LAST_MAX_MS);
	return NULL;
}

static void
exporter_free(struct trace_exporter *exporter)
{
	http_poster_free(&exporter->poster);
	buf_fini(&exporter->body);
	free(exporter->batch);
	free(exporter);
	tracing_stop();
}

static enum err
exporter_init(struct trace_exporter *exporter, const char *endpoint)
{
	/* The operator's own address, wherever it is. */
	const struct http_poster_rules rules = {
	    .allow_http = true,
	    .allow_private = true,
	    .timeout_ms = SEND_MAX_MS,
	    .transfers_max = 1,
	    .user_agent = "shop/" PROGRAM_VERSION,
	};
	size_t len = strlen(endpoint);

	while (len > 0 && endpoint[len - 1] == '/')
		len--;
	if ((size_t)snprintf(exporter->url, sizeof(exporter->url), "%.*s/v1/traces", (int)len,
		endpoint) >= sizeof(exporter->url))
		return ERR_CONFIG;
	TRY_ALLOC(exporter->batch = calloc(TRACING_BATCH_MAX, sizeof(*exporter->batch)));
	TRY(http_poster_new(&rules, &clock_system, &exporter->poster));
	TRY(tracing_start());
	return thread_start(&exporter->thread, run, exporter);
}

enum err
trace_exporter_start(
    const char *endpoint, int64_t delay_ms, const char *service, struct trace_exporter **out)
{
	struct trace_exporter *exporter;
	enum err err;

	*out = NULL;
	if (endpoint[0] == '\0')
		return ERR_OK;
	TRY_ALLOC(exporter = calloc(1, sizeof(*exporter)));
	exporter->service = service;
	exporter->delay_ms = delay_ms;
	buf_init(&exporter->body, BODY_MAX_BYTES);
	err = exporter_init(exporter, endpoint);
	if (err != ERR_OK) {
		exporter_free(exporter);
		return err;
	}
	*out = exporter;
	return ERR_OK;
}

void
trace_exporter_stop(struct trace_exporter **exporter)
{
	struct trace_exporter *own = *exporter;

	if (own == NULL)
		return;
	atomic_store(&own->stopping, true);
	tracing_wake();
	(void)pthread_join(own->thread, NULL);
	exporter_free(own);
	*exporter = NULL;
}

void
trace_exporter_collect(struct metrics *metrics)
{
	const struct {
		const char *result;
		int64_t count;
	} rows[] = {{"sent", atomic_load(&sent)}, {"lost", atomic_load(&lost)},
	    {"dropped", tracing_dropped()}};

	if (!tracing_is_on())
		return;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *const values[METRIC_LABELS_MAX] = {rows[i].result};

		metric_set(metrics, &exported, values, rows[i].count);
	}
}

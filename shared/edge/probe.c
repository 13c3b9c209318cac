#include "shared/edge/probe.h"

#include "shared/base/macros.h"
#include "shared/edge/json_write.h"
#include "shared/edge/query.h"
#include "shared/edge/service_metrics.h"
#include "shared/edge/trace_exporter.h"

/* A probe that waits longer than those who ask would is worth nothing. */
#define READY_TIMEOUT_MS 3000

static enum err
answer_alive(const struct service *service, struct request *rq, struct response *rs)
{
	struct json_writer w;

	(void)service;
	(void)rq;
	json_writer_init(&w, rs->buf);
	json_object_open(&w, NULL);
	json_put_text(&w, "status", "ok");
	json_object_close(&w);
	return response_json(rs, 200);
}

static enum err
answer_ready(const struct service *service, struct request *rq, struct response *rs)
{
	static const struct text_rule list = {.min = 1, .max = 200};
	struct deadline deadline = deadline_in(service->clock, READY_TIMEOUT_MS);
	const char *excluded = "";
	struct query query;
	enum err ready;

	TRY(query_begin(&query, rq));
	query_read_text(&query, "exclude", &list, &excluded, NULL);
	TRY(query_end(&query));
	ready =
	    health_ready(service->checks, service->app, rq->worker, &deadline, excluded, rs->buf);
	if (ready != ERR_OK && ready != ERR_UNAVAILABLE)
		return ready;
	return response_json(rs, ready == ERR_OK ? 200 : 503);
}

static enum err
answer_metrics(const struct service *service, struct request *rq, struct response *rs)
{
	(void)rq;
	if (service->collect != NULL)
		service->collect(service->app);
	trace_exporter_collect(service->metrics);
	metrics_write(service->metrics, rs->buf);
	TRY(buf_finish(rs->buf));
	return response_bytes(rs, 200, "text/plain; version=0.0.4; charset=utf-8",
	    span_of(rs->buf->data, rs->buf->len));
}

static const struct probe {
	const char *path;
	enum err (*answer)(const struct service *service, struct request *rq, struct response *rs);
} probes[] = {
    {"/healthz", answer_alive},
    {"/readyz", answer_ready},
    {"/metrics", answer_metrics},
};

static const struct probe *
find(const char *path)
{
	for (size_t i = 0; i < COUNT_OF(probes); i++)
		if (str_equal(probes[i].path, path))
			return &probes[i];
	return NULL;
}

bool
probe_matches(const char *path)
{
	return find(path) != NULL;
}

enum err
probe_answer(
    const struct service *service, struct request *rq, struct response *rs, const char **label)
{
	const struct probe *probe = find(rq->path);

	*label = probe->path + 1;
	rq->fault.allow = "GET, HEAD, OPTIONS";
	switch (rq->method) {
	case METHOD_GET:
	case METHOD_HEAD:
		return probe->answer(service, rq, rs);
	case METHOD_OPTIONS:
		TRY(response_header(rs, "Allow", "%s", rq->fault.allow));
		return response_empty(rs, 204);
	default:
		return ERR_METHOD;
	}
}

#include "shared/edge/exchange.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/check.h"
#include "shared/base/log.h"
#include "shared/base/tracing.h"
#include "shared/edge/answer_head.h"
#include "shared/edge/client_address.h"
#include "shared/edge/probe.h"
#include "shared/edge/problem.h"
#include "shared/edge/request_cgi.h"
#include "shared/edge/service_metrics.h"

#define HEAD_BYTES_MAX ((size_t)128 * 1024)
#define KEPT_BYTES_MAX ((size_t)64 * 1024) /* of a buffer, from one request to the next */
#define MINUTE_S       60

enum err
exchange_room_init(struct exchange_room *room, const struct service *service)
{
	*room = (struct exchange_room){.worker = NULL};
	buf_init(&room->body, service->response_bytes);
	buf_init(&room->head, HEAD_BYTES_MAX);
	return arena_new(service->arena_bytes, &room->arena);
}

void
exchange_room_fini(struct exchange_room *room)
{
	arena_free(&room->arena);
	buf_fini(&room->body);
	buf_fini(&room->head);
}

/* SHARED: the limit of a route, which the service may count for all its pods. */
static enum err
take_from_rate(struct exchange *x, const struct rate_policy *policy, const char *key, bool shared)
{
	const struct service *service = x->service;
	struct exchange_rate *rate;

	if (policy->requests <= 0)
		return ERR_OK;
	TRY_ALLOC(key);
	check(x->rate_count < EXCHANGE_RATES_MAX);
	rate = &x->rates[x->rate_count];
	rate->policy = *policy;
	if (shared && service->take_shared != NULL)
		TRY(service->take_shared(x->rq.worker, &x->rq.deadline, policy, key, &rate->state));
	else
		ratelimit_take(service->ratelimit, policy, key, x->start_ms, &rate->state);
	x->rate_count++;
	if (rate->state.allowed)
		return ERR_OK;
	x->rq.fault.retry_after_s = rate->state.retry_after_s;
	return fault_set(
	    &x->rq.fault, ERR_RATE_LIMITED, "The limit \"%s\" is used up.", policy->name);
}

static enum err
limit_address(struct exchange *x, const struct rate_policy *policy, bool shared)
{
	if (config_networks_contain(x->service->settings->exempt_networks, x->rq.address))
		return ERR_OK;
	return take_from_rate(
	    x, policy, client_address_rate_key(x->rq.arena, x->rq.address), shared);
}

/* Every request counts, unknown paths too, but those of our own services. */
static enum err
limit_request(struct exchange *x)
{
	const struct rate_policy policy = {
	    .name = "address",
	    .requests = x->service->settings->limit_address,
	    .window_s = MINUTE_S,
	};

	if (x->rq.route != NULL && x->rq.route->access == ACCESS_INTERNAL)
		return ERR_OK;
	return limit_address(x, &policy, false);
}

static enum err
limit_route(struct exchange *x, const char *name)
{
	const struct rate_policy *policy = x->service->policies;

	if (name == NULL)
		return ERR_OK;
	while (policy->name != NULL && !str_equal(policy->name, name))
		policy++;
	check(policy->name != NULL); /* a route named a limit that the program does not have */
	return limit_address(x, policy, true);
}

static enum err
authenticate(struct exchange *x, enum access access)
{
	const struct authenticator *authenticator = &x->service->authenticator;
	struct request *rq = &x->rq;
	struct principal *principal;
	const char *token;

	if (access == ACCESS_PUBLIC || access == ACCESS_INTERNAL)
		return ERR_OK;
	TRY(request_bearer(rq, &token));
	if (token == NULL)
		return access == ACCESS_OPTIONAL ? ERR_OK : ERR_TOKEN_MISSING;
	principal = arena_alloc(rq->arena, sizeof(*principal));
	TRY_ALLOC(principal);
	TRY(authenticator->verify(authenticator->context, rq->arena, token, principal));
	rq->principal = principal;
	if (access == ACCESS_ADMIN && !principal_is_admin(principal))
		return fault_set(&rq->fault, ERR_FORBIDDEN, "Only an administrator may do this.");
	return ERR_OK;
}

static enum err
limit_account(struct exchange *x)
{
	const struct rate_policy policy = {
	    .name = "account",
	    .requests = x->service->settings->limit_account,
	    .window_s = MINUTE_S,
	};

	if (x->rq.principal == NULL)
		return ERR_OK;
	return take_from_rate(x, &policy, x->rq.principal->user_id.text, false);
}

/* OPTIONS of a known path: what may be done there; a browser's preflight gets the rest of it. */
static enum err
answer_options(struct exchange *x)
{
	x->label = "options";
	TRY(response_header(&x->rs, "Allow", "%s", x->rq.fault.allow));
	return response_empty(&x->rs, 204);
}

static enum err
pass_to_route(struct exchange *x, const struct body_source *source)
{
	const struct service *service = x->service;
	enum err found = route_find(service->routes, &x->rq);
	const struct route *route = x->rq.route;

	TRY(limit_request(x));
	TRY(found);
	if (route == NULL)
		return answer_options(x);
	x->label = route->operation_id;
	log_context_set(x->rq.request_id, x->rq.trace.trace_id, x->label);
	TRY(limit_route(x, route->rate_limit));
	TRY(authenticate(x, route->access));
	TRY(limit_account(x));
	TRY(request_body_read(&x->rq, route, source));
	TRY(route->handle(service->app, &x->rq, &x->rs));
	return x->rs.status != 0 ? ERR_OK : ERR_INTERNAL;
}

static enum err
pass(struct exchange *x, char *const *envp, const struct body_source *source)
{
	const struct service_settings *settings = x->service->settings;

	TRY(request_from_cgi(
	    &x->rq, envp, settings->trusted_proxies, settings->request_timeout_ms));
	log_context_set(x->rq.request_id, x->rq.trace.trace_id, NULL);
	x->is_probe = probe_matches(x->rq.path);
	if (x->is_probe)
		return probe_answer(x->service, &x->rq, &x->rs, &x->label);
	/* It has waited for a worker for as long as it may take: so have those behind it. */
	if (deadline_left_ms(&x->rq.deadline) == 0)
		return fault_set(&x->rq.fault, ERR_BUSY, "There are more requests than workers.");
	return pass_to_route(x, source);
}

void
exchange_run(struct exchange *x, const struct service *service, struct exchange_room *room,
    char *const *envp, const struct body_source *source)
{
	*x = (struct exchange){
	    .service = service,
	    .room = room,
	    .label = "unmatched",
	    .start_ms = clock_monotonic_ms(service->clock),
	    .start_ns = tracing_now_ns(),
	};
	service_metrics_begin(service);
	request_init(&x->rq, room->arena, room->worker, service->clock);
	response_init(&x->rs, room->arena, &room->body);
	x->result = pass(x, envp, source);
	if (x->result != ERR_OK)
		problem_write(&x->rq, &x->rs, x->result);
	answer_head_write(x);
}

/* Asked by probes, or by our own services all the time, and nothing is wrong. */
static bool
is_quiet(const struct exchange *x)
{
	return x->is_probe || (x->rq.is_routine && x->result == ERR_OK);
}

static void
log_exchange(const struct exchange *x, int64_t duration_ms)
{
	const struct request *rq = &x->rq;
	bool ours = x->rs.status >= 500;
	enum log_level level = is_quiet(x) ? LOG_DEBUG : LOG_INFO;
	struct log_field fields[10] = {
	    LOG_TEXT("method", method_name(rq->method)),
	    LOG_TEXT("path", rq->path), /* never the query: it may hold a token */
	    LOG_INT("status", x->rs.status),
	    LOG_INT("duration_ms", duration_ms),
	    LOG_INT("bytes", (int64_t)(x->feed != NULL ? x->feed->length : x->body.len)),
	    LOG_TEXT("address", rq->address),
	};
	size_t count = 6;

	if (ours && !x->is_probe)
		level = LOG_WARN;
	if (rq->principal != NULL)
		fields[count++] = LOG_TEXT("user_id", rq->principal->user_id.text);
	if (x->result != ERR_OK)
		fields[count++] = LOG_ERR(x->result);
	if (ours && rq->fault.detail != NULL)
		fields[count++] = LOG_TEXT("detail", rq->fault.detail);
	log_context_set(rq->request_id, rq->trace.trace_id, x->label);
	log_write(level, "request", fields, count);
	log_context_clear();
}

static void
trace_exchange(const struct exchange *x)
{
	const struct request *rq = &x->rq;
	const char *route = rq->route != NULL ? rq->route->pattern : NULL;
	char name[128];
	struct tracing_attribute attributes[] = {
	    TRACING_TEXT("http.request.method", method_name(rq->method)),
	    TRACING_TEXT("url.path", rq->path),
	    TRACING_NUMBER("http.response.status_code", x->rs.status),
	    TRACING_TEXT("shop.operation", x->label),
	    TRACING_TEXT("shop.request_id", rq->request_id),
	    TRACING_TEXT("http.route", route),
	};

	(void)snprintf(name, sizeof(name), "%s%s%s", method_name(rq->method),
	    route != NULL ? " " : "", route != NULL ? route : "");
	tracing_record(&(struct tracing_step){
	    .trace = &rq->trace,
	    .kind = TRACING_SERVER,
	    .name = name,
	    .start_ns = x->start_ns,
	    .error = x->rs.status >= 500 ? err_code(x->result) : NULL,
	    .attributes = attributes,
	    .count = route != NULL ? 6 : 5,
	});
}

static void
trim_buf(struct buf *buf)
{
	size_t max = buf->max;

	if (buf->cap <= KEPT_BYTES_MAX)
		return;
	buf_fini(buf);
	buf_init(buf, max);
}

void
exchange_end(struct exchange *x)
{
	int64_t duration_ms = clock_monotonic_ms(x->service->clock) - x->start_ms;

	service_metrics_end(
	    x->service, x->label, method_name(x->rq.method), x->rs.status, duration_ms);
	log_exchange(x, duration_ms);
	if (tracing_is_on() && !is_quiet(x))
		trace_exchange(x);
	arena_reset(x->room->arena);
	trim_buf(&x->room->body);
	trim_buf(&x->room->head);
}

#include "shared/edge/request_cgi.h"

#include <string.h>

#include "shared/base/num.h"
#include "shared/edge/client_address.h"
#include "shared/edge/route.h"

#define REQUEST_ID_MAX 128
#define USER_AGENT_MAX 256
#define WAITED_MAX_MS  600000

static char *const no_headers[] = {NULL};

void
request_init(
    struct request *rq, struct arena *arena, struct worker *worker, const struct clock *clock)
{
	struct id id;

	*rq = (struct request){
	    .arena = arena,
	    .worker = worker,
	    .method = METHOD_OTHER,
	    .path = "/",
	    .query = "",
	    .body = span_of("", 0),
	    .address = "",
	    .user_agent = "",
	    .host = "",
	    .deadline = deadline_in(clock, 0),
	    .now_ms = clock_now_ms(clock),
	    .headers = no_headers,
	};
	fault_init(&rq->fault, arena);
	id_new(rq->now_ms, &id);
	rq->request_id = arena_strdup(arena, id.text);
}

const char *
request_variable(const struct request *rq, const char *name)
{
	size_t len = strlen(name);

	for (char *const *at = rq->headers; *at != NULL; at++)
		if (strncmp(*at, name, len) == 0 && (*at)[len] == '=')
			return *at + len + 1;
	return NULL;
}

static const char *
variable_or(const struct request *rq, const char *name, const char *otherwise)
{
	const char *value = request_variable(rq, name);

	return value != NULL ? value : otherwise;
}

static enum err
copy_variables(struct request *rq, char *const *envp)
{
	size_t count = 0;
	char **copy;

	while (envp[count] != NULL)
		count++;
	copy = arena_array(rq->arena, count + 1, sizeof(*copy));
	if (copy == NULL)
		return ERR_HEADERS_TOO_LARGE;
	for (size_t i = 0; i < count; i++) {
		copy[i] = arena_strdup(rq->arena, envp[i]);
		if (copy[i] == NULL)
			return ERR_HEADERS_TOO_LARGE;
	}
	rq->headers = copy;
	return ERR_OK;
}

/* REQUEST_URI as the client sent it; an absolute form (RFC 9112 §3.2.2) loses its authority. */
static enum err
read_target(struct request *rq)
{
	const char *target = variable_or(rq, "REQUEST_URI", "");
	const char *question;
	size_t len;

	if (strlen(target) > REQUEST_TARGET_MAX_BYTES)
		return ERR_URI_TOO_LONG;
	if (str_starts_with(target, "http://") || str_starts_with(target, "https://")) {
		target = strchr(target, ':') + 3;
		target += strcspn(target, "/?");
	}
	question = strchr(target, '?');
	len = question != NULL ? (size_t)(question - target) : strlen(target);
	if (question != NULL)
		rq->query = question + 1;
	if (len == 0)
		return ERR_OK;
	rq->path = arena_memdup(rq->arena, target, len);
	TRY_ALLOC(rq->path);
	return ERR_OK;
}

/* An id that comes from outside goes into logs and headers, so it is taken only in a safe form. */
static void
read_request_id(struct request *rq)
{
	const char *given = request_header(rq, "X-Request-Id");
	size_t len;

	if (given == NULL)
		return;
	len = strspn(given, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-");
	if (len >= 1 && len <= REQUEST_ID_MAX && given[len] == '\0')
		rq->request_id = given;
}

/* Stores take no invalid UTF-8, and who reads the list of sessions no control characters. */
static enum err
read_user_agent(struct request *rq)
{
	const char *given = variable_or(rq, "HTTP_USER_AGENT", "");
	size_t left = strlen(given);
	char *out = arena_alloc(rq->arena, USER_AGENT_MAX + 1);
	size_t len = 0;

	TRY_ALLOC(out);
	rq->user_agent = out;
	while (left > 0) {
		size_t step = utf8_sequence(given, left);
		char character[5] = "?";

		if (step > 0)
			memcpy(character, given, step);
		if (utf8_has_control(character))
			memcpy(character, "?", 2);
		if (len + strlen(character) > USER_AGENT_MAX)
			break;
		memcpy(out + len, character, strlen(character));
		len += strlen(character);
		given += step > 0 ? step : 1;
		left -= step > 0 ? step : 1;
	}
	return ERR_OK;
}

static enum err
read_content_type(struct request *rq)
{
	const char *given = variable_or(rq, "CONTENT_TYPE", "");
	size_t len = strcspn(given, "; \t");
	char *type;

	if (len == 0)
		return ERR_OK;
	type = arena_memdup(rq->arena, given, len);
	TRY_ALLOC(type);
	rq->content_type = type;
	for (; *type != '\0'; type++)
		if (*type >= 'A' && *type <= 'Z')
			*type = (char)(*type - 'A' + 'a');
	return ERR_OK;
}

/* What is left of TIMEOUT_MS for a request that has waited since it came: lighttpd/arrival.lua.  A
 * clock that was set in between counts for nothing. */
static int64_t
time_left(const struct request *rq, int64_t timeout_ms)
{
	const char *text = request_variable(rq, "REQUEST_ARRIVED_MS");
	int64_t arrived_ms;
	int64_t waited_ms;

	if (text == NULL || num_parse_i64(text, 0, INT64_MAX, &arrived_ms) != ERR_OK)
		return timeout_ms;
	waited_ms = clock_now_ms(rq->deadline.clock) - arrived_ms;
	if (waited_ms < 0 || waited_ms > WAITED_MAX_MS)
		return timeout_ms;
	return waited_ms < timeout_ms ? timeout_ms - waited_ms : 0;
}

enum err
request_from_cgi(
    struct request *rq, char *const *envp, const char *trusted_proxies, int64_t timeout_ms)
{
	TRY(copy_variables(rq, envp));
	read_request_id(rq);
	trace_continue(request_header(rq, "traceparent"), &rq->trace);
	rq->deadline = deadline_in(rq->deadline.clock, time_left(rq, timeout_ms));
	/* The server has started this request over, as a GET to its mind: lighttpd/error.lua. */
	rq->method = method_parse(
	    variable_or(rq, "REDIRECT_REQUEST_METHOD", variable_or(rq, "REQUEST_METHOD", "")));
	rq->host = variable_or(rq, "HTTP_HOST", "");
	TRY(read_content_type(rq));
	TRY(read_user_agent(rq));
	TRY(client_address_find(rq, variable_or(rq, "REMOTE_ADDR", ""),
	    str_equal_nocase(variable_or(rq, "HTTPS", ""), "on"), trusted_proxies));
	return read_target(rq);
}

#include "shared/edge/answer_head.h"

#include <inttypes.h>
#include <string.h>

/* What can be said when there is no memory to say it with. */
static const char last_words[] = "Status: 500\r\nContent-Length: 0\r\nCache-Control: no-store\r\n"
				 "X-Content-Type-Options: nosniff\r\n\r\n";

/* OWASP's REST Security Cheat Sheet. */
static const char security_headers[] =
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Permissions-Policy: camera=(), geolocation=(), interest-cohort=(), microphone=(), "
    "payment=()\r\n";

static const char preflight_headers[] =
    "Access-Control-Allow-Headers: Authorization, Content-Type, Idempotency-Key, If-Match, "
    "If-None-Match, If-Range, Range, X-Request-Id, traceparent\r\n"
    "Access-Control-Max-Age: 600\r\n";

static const char exposed_headers[] =
    "Access-Control-Expose-Headers: X-Request-Id, ETag, Link, Location, Content-Range, RateLimit, "
    "RateLimit-Policy, Retry-After, Idempotency-Replayed, WWW-Authenticate, Allow\r\n";

/* Is ORIGIN one of the comma-separated ORIGINS? */
static bool
is_listed(const char *origins, const char *origin)
{
	size_t len = strlen(origin);

	while (*origins != '\0') {
		size_t part;

		origins += strspn(origins, ", ");
		part = strcspn(origins, ", ");
		if (part > 0 && part == len && memcmp(origins, origin, len) == 0)
			return true;
		origins += part;
	}
	return false;
}

static void
put_cors(const struct exchange *x, struct buf *out)
{
	const char *origins = x->service->settings->cors_origins;
	const char *origin = request_header(&x->rq, "Origin");
	bool any = str_equal(origins, "*");

	if (origins[0] == '\0')
		return;
	if (!any)
		buf_puts(out, "Vary: Origin\r\n");
	if (origin == NULL || (!any && !is_listed(origins, origin)))
		return;
	buf_printf(out, "Access-Control-Allow-Origin: %s\r\n", any ? "*" : origin);
	if (x->rq.method == METHOD_OPTIONS &&
	    request_header(&x->rq, "Access-Control-Request-Method") != NULL) {
		if (x->rq.fault.allow != NULL)
			buf_printf(out, "Access-Control-Allow-Methods: %s\r\n", x->rq.fault.allow);
		buf_puts(out, preflight_headers);
	} else {
		buf_puts(out, exposed_headers);
	}
}

/* draft-ietf-httpapi-ratelimit-headers: lists of structured fields. */
static void
put_rates(const struct exchange *x, struct buf *out)
{
	for (size_t i = 0; i < x->rate_count; i++)
		buf_printf(out, "%s\"%s\";q=%" PRId64 ";w=%" PRId64,
		    i == 0 ? "RateLimit-Policy: " : ", ", x->rates[i].policy.name,
		    x->rates[i].policy.requests, x->rates[i].policy.window_s);
	for (size_t i = 0; i < x->rate_count; i++)
		buf_printf(out, "%s\"%s\";r=%" PRId64 ";t=%u", i == 0 ? "\r\nRateLimit: " : ", ",
		    x->rates[i].policy.name, x->rates[i].state.remaining,
		    x->rates[i].state.reset_s);
	if (x->rate_count > 0)
		buf_puts(out, "\r\n");
}

static void
put_content(const struct response *rs, struct buf *out)
{
	/* RFC 9110 §8.6: none with 204; with 304 it would have to be the length of the 200. */
	if (rs->status == 204 || rs->status == 304)
		return;
	if (rs->content_type != NULL)
		buf_printf(out, "Content-Type: %s\r\n", rs->content_type);
	buf_printf(
	    out, "Content-Length: %zu\r\n", rs->feed != NULL ? rs->feed->length : rs->body.len);
}

static void
put_all(const struct exchange *x, struct buf *out)
{
	const struct response *rs = &x->rs;
	bool is_image = rs->content_type != NULL && str_starts_with(rs->content_type, "image/");

	buf_printf(out, "Status: %d\r\n", rs->status);
	put_content(rs, out);
	for (const struct header *header = rs->headers; header != NULL; header = header->next) {
		buf_puts(out, header->name);
		buf_puts(out, ": ");
		buf_puts(out, header->value);
		buf_puts(out, "\r\n");
	}
	if (x->rq.request_id != NULL)
		buf_printf(out, "X-Request-Id: %s\r\n", x->rq.request_id);
	if (!rs->cache_set)
		buf_puts(out, "Cache-Control: no-store\r\n");
	buf_puts(out, security_headers);
	/* Pages of other sites may show the pictures, and nothing else without CORS. */
	buf_printf(
	    out, "Cross-Origin-Resource-Policy: %s\r\n", is_image ? "cross-origin" : "same-origin");
	if (str_starts_with(x->service->settings->program.public_url, "https://"))
		buf_puts(out, "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n");
	put_cors(x, out);
	put_rates(x, out);
	buf_puts(out, "\r\n");
}

void
answer_head_write(struct exchange *x)
{
	struct buf *out = &x->room->head;
	int status = x->rs.status;

	buf_reset(out);
	put_all(x, out);
	x->head = span_of(out->data, out->len);
	x->body = x->rs.body;
	x->feed = x->rs.feed;
	if (buf_finish(out) != ERR_OK) {
		x->head = span_of(last_words, strlen(last_words));
		x->body = span_of("", 0);
		x->feed = NULL;
	}
	if (x->rq.method == METHOD_HEAD || status == 204 || status == 304) {
		x->body = span_of("", 0);
		x->feed = NULL;
	}
}

/*
 * edge/request: one HTTP request, as the program sees it.
 *
 * Layer: edge.  Everything is copied from libfcgi into the request's arena before the handler
 * runs, because libfcgi frees its parameters at finish.  One thread at a time.
 */
#ifndef SHARED_EDGE_REQUEST_H
#define SHARED_EDGE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/base/fault.h"
#include "shared/base/id.h"
#include "shared/base/str.h"
#include "shared/base/trace.h"
#include "shared/edge/principal.h"

enum method {
	METHOD_GET = 1 << 0,
	METHOD_HEAD = 1 << 1,
	METHOD_POST = 1 << 2,
	METHOD_PUT = 1 << 3,
	METHOD_PATCH = 1 << 4,
	METHOD_DELETE = 1 << 5,
	METHOD_OPTIONS = 1 << 6,
	METHOD_OTHER = 1 << 7
};

#define REQUEST_PARAMS_MAX 3

struct body_source {
	/* Reads up to LEN bytes; fewer only where the body ends. */
	size_t (*read)(void *context, char *out, size_t len);
	void *context;
};

struct route;
struct worker; /* each program defines its own: what one worker thread owns */

struct request {
	struct arena *arena;
	struct worker *worker;
	enum method method;
	const char *path;                       /* as sent, up to '?', not decoded */
	const char *query;                      /* as sent, after '?', or "" */
	const char *params[REQUEST_PARAMS_MAX]; /* the {…} of the pattern in order, decoded */
	struct span body;                       /* whole; data is NUL-terminated after len */
	/* An image is not read before the handler runs: it reads from here, piece by piece. */
	struct body_source upload;
	size_t upload_bytes;
	const char *content_type; /* media type, lower case, without parameters, or NULL */
	const char *request_id;   /* X-Request-Id echoed (1–128 of [A-Za-z0-9._~-]) or made */
	struct trace trace;
	const char
	    *address; /* the client's, trusted proxies taken off (RFC 7239, X-Forwarded-For) */
	const char *user_agent;            /* at most 256 bytes, or "" */
	const char *host;                  /* or "" */
	bool secure;                       /* came by https, by a trusted proxy's word */
	const struct principal *principal; /* NULL unless a token was presented and verified */
	const struct route *route;         /* NULL for an unknown path */
	struct deadline deadline;
	int64_t now_ms; /* wall clock at arrival */
	struct fault fault;
	/* Set by a handler that our own services ask every few seconds: it succeeds unlogged. */
	bool is_routine;

	char *const *headers; /* "HTTP_IF_MATCH=…", NULL-terminated: use request_header */
};

/* The value of a header by its usual name ("If-Match"), or NULL.  Borrowed from the arena. */
const char *request_header(const struct request *rq, const char *name);
/* The value of the first cookie NAME (RFC 6265 §4.2), in the arena, or NULL. */
const char *request_cookie(const struct request *rq, const char *name);
/* The bearer token of Authorization (RFC 6750 §2.1), or NULL.  ERR_TOKEN_INVALID: a bent one. */
MUST_USE enum err request_bearer(const struct request *rq, const char **token);
/* Path parameter AT as an id.  ERR_NOT_FOUND when it is none: no such resource can exist. */
MUST_USE enum err request_id_param(const struct request *rq, size_t at, struct id *out);
/* Does If-Match hold for ETAG (strong comparison, RFC 9110 §13.1.1)?  ERR_PRECONDITION, its fault
 * telling ETAG.  Without the header: ERR_OK. */
MUST_USE enum err request_if_match(struct request *rq, const char *etag);
/* Does If-None-Match name ETAG (weak comparison) or "*"? */
bool request_none_match(const struct request *rq, const char *etag);

#endif

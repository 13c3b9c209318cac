/*
 * edge/response: an answer, built whole, then written once.
 *
 * Layer: edge.  Bytes live in the request's arena or in the worker's body buffer.  Setters refuse
 * CR, LF and NUL in header values.  No handler names a status >= 400: it returns an enum err.
 */
#ifndef SHARED_EDGE_RESPONSE_H
#define SHARED_EDGE_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/arena.h"
#include "shared/base/buf.h"
#include "shared/base/err.h"
#include "shared/base/str.h"

struct header {
	const char *name;
	const char *value;
	struct header *next;
};

/* A body too large to be held whole: LENGTH bytes, piece by piece. */
struct body_feed {
	/* The next piece, which lives until the next call; never empty.  After an error the answer
	 * is cut off. */
	enum err (*next)(void *context, struct span *out);
	void *context;
	size_t length;
};

struct response {
	struct arena *arena;
	struct buf *buf;          /* the worker's, empty at start: where JSON bodies are written */
	int status;               /* 0: no answer yet */
	const char *content_type; /* NULL: no body */
	struct span body;
	const struct body_feed *feed; /* in place of body; or NULL */
	struct header *headers, *last_header;
	bool cache_set; /* a handler chose Cache-Control; else `no-store` goes out */
};

void response_init(struct response *rs, struct arena *arena, struct buf *buf);
/* Adds a header.  ERR_INTERNAL on CR, LF or NUL; ERR_MEMORY. */
MUST_USE enum err response_header(struct response *rs, const char *name, const char *format, ...)
    PRINTF_LIKE(3, 4);
MUST_USE enum err response_location(struct response *rs, const char *format, ...) PRINTF_LIKE(2, 3);
/* Cache-Control in place of `no-store`. */
MUST_USE enum err response_cache(struct response *rs, const char *cache_control);
/* STATUS (2xx, 3xx) without a body. */
MUST_USE enum err response_empty(struct response *rs, int status);
/* STATUS with the JSON written to rs->buf (application/json).  ERR_MEMORY when that overflowed. */
MUST_USE enum err response_json(struct response *rs, int status);
/* STATUS with bytes kept elsewhere (they must live as long as the request). */
MUST_USE enum err response_bytes(
    struct response *rs, int status, const char *content_type, struct span body);
/* STATUS with a body that is made while it is sent.  FEED must live as long as the request. */
MUST_USE enum err response_feed(
    struct response *rs, int status, const char *content_type, const struct body_feed *feed);
/*
 * The strong ETag of a representation: set as header; TEXT with its quotes.  Returns true by
 * *not_modified when If-None-Match names it: the response is then 304 and empty.
 */
struct request;
MUST_USE enum err response_etag(
    struct response *rs, const struct request *rq, const char *etag, bool *not_modified);

#endif

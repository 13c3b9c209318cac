/*
 * edge/request_body: the body that a route takes: its length, its type, its bytes, in this order.
 *
 * Layer: edge.  Nothing is read of a body that is refused.
 */
#ifndef SHARED_EDGE_REQUEST_BODY_H
#define SHARED_EDGE_REQUEST_BODY_H

#include "shared/edge/route.h"

struct body_source {
	/* Reads up to LEN bytes; fewer only where the body ends. */
	size_t (*read)(void *context, char *out, size_t len);
	void *context;
};

/* Fills rq->body.  ERR_BODY_TOO_LARGE, ERR_MEDIA_TYPE, ERR_MALFORMED, ERR_MEMORY. */
MUST_USE enum err request_body_read(
    struct request *rq, const struct route *route, const struct body_source *source);

#endif

/*
 * edge/request_body: the body that a route takes: its length, its type, its bytes, in this order.
 *
 * Layer: edge.  Nothing is read of a body that is refused.
 */
#ifndef SHARED_EDGE_REQUEST_BODY_H
#define SHARED_EDGE_REQUEST_BODY_H

#include "shared/edge/route.h"

/* Fills rq->body, or rq->upload where the route takes an image.  ERR_BODY_TOO_LARGE,
 * ERR_MEDIA_TYPE, ERR_MALFORMED, ERR_MEMORY. */
MUST_USE enum err request_body_read(
    struct request *rq, const struct route *route, const struct body_source *source);

#endif

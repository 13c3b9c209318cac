/*
 * edge/etag: the strong ETag of an answer that has no version: a hash of its bytes.
 *
 * Layer: edge.  Pure, safe on any thread.
 */
#ifndef SHARED_EDGE_ETAG_H
#define SHARED_EDGE_ETAG_H

#include "shared/edge/request.h"
#include "shared/edge/response.h"

#define ETAG_SIZE 35

/* With its quotes. */
void etag_of(struct span body, char etag[ETAG_SIZE]);
/* 200 with the JSON written to rs->buf and its ETag, or 304. */
MUST_USE enum err etag_answer_json(const struct request *rq, struct response *rs);

#endif

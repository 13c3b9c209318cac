/*
 * edge/problem: the one writer of error answers, RFC 9457.
 *
 * Layer: edge.  A 5xx never shows the fault's detail: it goes to the log instead.
 */
#ifndef SHARED_EDGE_PROBLEM_H
#define SHARED_EDGE_PROBLEM_H

#include "shared/edge/request.h"
#include "shared/edge/response.h"

/*
 * Replaces whatever RS holds by the problem of ERR (not ERR_OK), with rq->fault's members and the
 * headers that go with it: WWW-Authenticate (RFC 6750) on 401, Allow on 405, Retry-After on 429
 * and 503.  Never fails: at the arena's end it writes a problem of constant text.
 */
void problem_write(const struct request *rq, struct response *rs, enum err err);
/* The same body alone, as JSON into BUF: for answers kept under an Idempotency-Key. */
void problem_body(const struct request *rq, enum err err, struct buf *buf);

#endif

#include "fcgi/items/handling.h"

struct call
handling_call(struct request *rq, const struct idempotency *idempotency)
{
	return (struct call){
	    .arena = rq->arena,
	    .deadline = &rq->deadline,
	    .principal = rq->principal,
	    .idempotency = idempotency,
	    .traceparent = rq->trace.traceparent,
	    .now_ms = rq->now_ms,
	    .fault = &rq->fault,
	};
}

enum err
handling_answer(struct response *rs, int status, const char *location, const char *etag,
    struct kept_answer *out)
{
	TRY_ALLOC(location);
	TRY_ALLOC(etag);
	TRY(buf_finish(rs->buf));
	*out = (struct kept_answer){
	    .status = status,
	    .content_type = "application/json",
	    .location = location,
	    .etag = etag,
	    .body = span_of(rs->buf->data, rs->buf->len),
	};
	return ERR_OK;
}

enum err
handling_respond(struct response *rs, const struct kept_answer *answer, bool replayed)
{
	if (replayed)
		return idempotency_replay(answer, rs);
	TRY(response_location(rs, "%s", answer->location));
	TRY(response_header(rs, "ETag", "%s", answer->etag));
	return response_bytes(rs, answer->status, answer->content_type, answer->body);
}

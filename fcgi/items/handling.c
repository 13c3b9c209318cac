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

enum err
handling_check_reader(const struct app *app, const struct request *rq)
{
	return app->settings->catalogue_requires_login && rq->principal == NULL ? ERR_TOKEN_MISSING
										: ERR_OK;
}

static enum err
check_precondition(void *context, const struct item *item)
{
	const struct item_precondition *precondition = context;
	char etag[ITEM_ETAG_SIZE];

	if (precondition->required && request_header(precondition->rq, "If-Match") == NULL)
		return ERR_PRECONDITION_REQUIRED;
	item_etag(item, etag);
	return request_if_match(precondition->rq, etag);
}

struct item_guard
handling_guard(struct item_precondition *precondition)
{
	return (struct item_guard){.check = check_precondition, .context = precondition};
}

#include "shared/edge/problem.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/check.h"
#include "shared/edge/json_write.h"

/* What can be said when there is no memory to say it with. */
static const char last_words[] =
    "{\"type\":\"/problems/internal\",\"title\":\"Internal error\",\"status\":500,"
    "\"detail\":\"" ERR_SAYS_INTERNAL "\",\"code\":\"internal\"}";

#define PROBLEM_TYPE          "application/problem+json"
#define RETRY_AFTER_DEFAULT_S 1

static void
put_fields(struct json_writer *w, const struct field_fault *field)
{
	json_array_open(w, "errors");
	for (; field != NULL; field = field->next) {
		json_object_open(w, NULL);
		json_put_text(
		    w, field->place == FIELD_IN_BODY ? "pointer" : "parameter", field->where);
		json_put_text(w, "code", field_code_text(field->code));
		if (field->detail != NULL)
			json_put_text(w, "detail", field->detail);
		json_object_close(w);
	}
	json_array_close(w);
}

static void
put_extensions(struct json_writer *w, const struct fault *fault, enum err err)
{
	if (err_status(err) == 422 && fault->first != NULL)
		put_fields(w, fault->first);
	if (fault->has_available)
		json_put_int(w, "available", fault->available);
	if (fault->has_price)
		json_put_money(w, "price", &fault->price);
	if (fault->item_id != NULL)
		json_put_text(w, "item_id", fault->item_id);
	if (fault->mfa_token != NULL)
		json_put_text(w, "mfa_token", fault->mfa_token);
}

void
problem_body(const struct request *rq, enum err err, struct buf *buf)
{
	const struct fault *fault = &rq->fault;
	bool ours = err_status(err) >= 500; /* then it is nobody's business what went wrong */
	struct json_writer w;
	char type[64];

	check(err != ERR_OK);
	json_writer_init(&w, buf);
	json_object_open(&w, NULL);
	(void)snprintf(type, sizeof(type), "/problems/%s", err_code(err));
	json_put_text(&w, "type", type);
	json_put_text(&w, "title", err_title(err));
	json_put_int(&w, "status", err_status(err));
	json_put_text(
	    &w, "detail", !ours && fault->detail != NULL ? fault->detail : err_detail(err));
	json_put_text(&w, "code", err_code(err));
	if (rq->request_id != NULL)
		json_put_text(&w, "request_id", rq->request_id);
	if (!ours)
		put_extensions(&w, fault, err);
	json_object_close(&w);
}

static enum err
add_challenge(struct response *rs, enum err err)
{
	if (err == ERR_TOKEN_INVALID)
		return response_header(rs, "WWW-Authenticate",
		    "Bearer realm=\"shop\", error=\"invalid_token\", error_description=\"%s\"",
		    err_title(err));
	return response_header(rs, "WWW-Authenticate", "Bearer realm=\"shop\"");
}

static enum err
add_headers(const struct request *rq, struct response *rs, enum err err)
{
	unsigned retry_after_s = rq->fault.retry_after_s;

	switch (err_status(err)) {
	case 401:
		return add_challenge(rs, err);
	case 405:
		return response_header(
		    rs, "Allow", "%s", rq->fault.allow != NULL ? rq->fault.allow : "");
	case 416:
		return rq->fault.content_range == NULL
		    ? ERR_OK
		    : response_header(rs, "Content-Range", "%s", rq->fault.content_range);
	case 429:
	case 503:
		return response_header(rs, "Retry-After", "%u",
		    retry_after_s > 0 ? retry_after_s : RETRY_AFTER_DEFAULT_S);
	default:
		return ERR_OK;
	}
}

void
problem_write(const struct request *rq, struct response *rs, enum err err)
{
	response_init(rs, rs->arena, rs->buf);
	problem_body(rq, err, rs->buf);
	if (add_headers(rq, rs, err) == ERR_OK && buf_finish(rs->buf) == ERR_OK) {
		rs->status = err_status(err);
		rs->body = span_of(rs->buf->data, rs->buf->len);
	} else {
		response_init(rs, rs->arena, rs->buf);
		rs->status = 500;
		rs->body = span_of(last_words, strlen(last_words));
	}
	rs->content_type = PROBLEM_TYPE;
}

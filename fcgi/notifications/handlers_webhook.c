#include "fcgi/notifications/handlers_webhook.h"

#include "fcgi/notifications/app.h"
#include "fcgi/notifications/webhook_flow.h"
#include "fcgi/notifications/webhook_wire.h"
#include "shared/edge/etag.h"
#include "shared/edge/page.h"
#include "shared/edge/problem.h"

#define LIST_SCOPE "webhook"

struct answering {
	struct request *rq;
	struct response *rs;
};

static void
write_webhook(struct response *rs, const struct webhook *webhook, const char *secret)
{
	struct json_writer w;

	buf_reset(rs->buf);
	json_writer_init(&w, rs->buf);
	webhook_write(&w, NULL, webhook, secret);
}

/* What is in rs->buf, in the arena. */
static enum err
take_body(struct response *rs, struct span *out)
{
	const char *body;

	TRY(buf_finish(rs->buf));
	body = arena_memdup(rs->arena, rs->buf->data, rs->buf->len);
	TRY_ALLOC(body);
	*out = span_of(body, rs->buf->len);
	return ERR_OK;
}

/* The tag is that of what GET shows, which is without the secret. */
static enum err
tag_of(struct response *rs, const struct webhook *webhook, char etag[ETAG_SIZE])
{
	write_webhook(rs, webhook, NULL);
	TRY(buf_finish(rs->buf));
	etag_of(span_of(rs->buf->data, rs->buf->len), etag);
	return ERR_OK;
}

static enum err
check_tag(void *context, const struct webhook *webhook)
{
	const struct answering *answering = context;
	char etag[ETAG_SIZE];

	TRY(tag_of(answering->rs, webhook, etag));
	return request_if_match(answering->rq, etag);
}

static enum err
tell_created(
    void *context, const struct webhook *webhook, const char *secret, struct kept_answer *out)
{
	struct response *rs = ((struct answering *)context)->rs;
	struct kept_answer answer = {
	    .status = 201,
	    .content_type = "application/json",
	    .location = arena_printf(rs->arena, "/webhook/%s", webhook->id.text),
	};
	char etag[ETAG_SIZE];

	TRY_ALLOC(answer.location);
	TRY(tag_of(rs, webhook, etag));
	answer.etag = arena_strdup(rs->arena, etag);
	TRY_ALLOC(answer.etag);
	write_webhook(rs, webhook, secret);
	TRY(take_body(rs, &answer.body));
	*out = answer;
	return ERR_OK;
}

/* The very problem that the edge writes for this refusal. */
static enum err
tell_refused(void *context, enum err err, struct kept_answer *out)
{
	const struct answering *answering = context;
	struct response *rs = answering->rs;
	struct kept_answer answer = {
	    .status = err_status(err),
	    .content_type = "application/problem+json",
	};

	buf_reset(rs->buf);
	problem_body(answering->rq, err, rs->buf);
	TRY(take_body(rs, &answer.body));
	*out = answer;
	return ERR_OK;
}

enum err
handle_create_webhook(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct answering answering = {.rq = rq, .rs = rs};
	const struct webhook_answers answers = {
	    .created = tell_created,
	    .refused = tell_refused,
	    .context = &answering,
	};
	struct idempotency idempotency;
	struct webhook_change draft;
	struct kept_answer answer;
	bool replayed;

	TRY(idempotency_read(rq, &idempotency));
	TRY(webhook_read_new(rq, &app->settings->webhook, &draft));
	TRY(webhook_create(app, &call, &idempotency, &draft, &answers, &answer, &replayed));
	if (replayed)
		return idempotency_replay(&answer, rs);
	TRY(response_location(rs, "%s", answer.location));
	TRY(response_header(rs, "ETag", "%s", answer.etag));
	return response_bytes(rs, answer.status, answer.content_type, answer.body);
}

enum err
handle_list_webhooks(const struct app *app, struct request *rq, struct response *rs)
{
	const struct span secret = page_secret(&app->settings->pages);
	const struct call call = call_of(rq);
	struct page_key last;
	struct webhook *webhooks;
	struct json_writer w;
	struct query query;
	struct page page;
	size_t count;
	size_t shown;

	TRY(query_begin(&query, rq));
	page_read(&query, secret, LIST_SCOPE, &page);
	TRY(query_end(&query));
	TRY(webhook_store_list(call.pg, call.deadline, call.arena, call.owner,
	    page.has_after ? &page.after_id : NULL, page.limit + 1, &webhooks, &count));
	shown = count > (size_t)page.limit ? (size_t)page.limit : count;
	json_writer_init(&w, rs->buf);
	json_object_open(&w, NULL);
	json_array_open(&w, "data");
	for (size_t i = 0; i < shown; i++)
		webhook_write(&w, NULL, &webhooks[i], NULL);
	if (shown < count)
		last = (struct page_key){.id = webhooks[shown - 1].id};
	return page_finish(&query, rs, &w, secret, LIST_SCOPE, shown < count ? &last : NULL);
}

enum err
handle_get_webhook(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct webhook webhook;
	struct id id;

	(void)app;
	TRY(query_none(rq));
	TRY(request_id_param(rq, 0, &id));
	TRY(webhook_store_get(call.pg, call.deadline, call.arena, call.owner, &id, &webhook));
	write_webhook(rs, &webhook, NULL);
	return etag_answer_json(rq, rs);
}

enum err
handle_update_webhook(const struct app *app, struct request *rq, struct response *rs)
{
	struct answering answering = {.rq = rq, .rs = rs};
	const struct webhook_guard guard = {.check = check_tag, .context = &answering};
	const struct call call = call_of(rq);
	struct webhook_change change;
	struct webhook webhook;
	char etag[ETAG_SIZE];
	struct id id;

	TRY(request_id_param(rq, 0, &id));
	TRY(webhook_read_patch(rq, &app->settings->webhook, &change));
	TRY(webhook_update(app, &call, &id, &change, &guard, &webhook));
	write_webhook(rs, &webhook, NULL);
	TRY(response_json(rs, 200));
	etag_of(rs->body, etag);
	return response_header(rs, "ETag", "%s", etag);
}

enum err
handle_delete_webhook(const struct app *app, struct request *rq, struct response *rs)
{
	struct answering answering = {.rq = rq, .rs = rs};
	const struct webhook_guard guard = {.check = check_tag, .context = &answering};
	const struct call call = call_of(rq);
	struct id id;

	(void)app;
	TRY(query_none(rq));
	TRY(request_id_param(rq, 0, &id));
	TRY(webhook_remove(&call, &id, &guard));
	return response_empty(rs, 204);
}

enum err
handle_rotate_webhook_secret(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	const char *secret;
	struct json_writer w;
	struct id id;

	(void)app;
	TRY(query_none(rq));
	TRY(request_id_param(rq, 0, &id));
	TRY(webhook_new_secret(&call, &id, &secret));
	json_writer_init(&w, rs->buf);
	json_object_open(&w, NULL);
	json_put_text(&w, "secret", secret);
	json_object_close(&w);
	return response_json(rs, 201);
}

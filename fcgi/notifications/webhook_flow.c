#include "fcgi/notifications/webhook_flow.h"

#include "fcgi/notifications/app.h"
#include "fcgi/notifications/history_store.h"
#include "fcgi/notifications/request_store.h"
#include "fcgi/notifications/webhook_endpoint.h"
#include "shared/base/buf.h"
#include "shared/base/macros.h"

#define SOURCE         "/notifications"
#define EVENT_MAX_SIZE ((size_t)16 * 1024)

static enum err
add(const struct app *app, const struct call *call, const struct webhook_change *draft,
    struct webhook *out, const char **secret)
{
	struct new_webhook webhook = {
	    .owner_id = *call->owner,
	    .url = draft->url,
	    .events = draft->events,
	    .secret = webhook_secret_new(call->arena),
	};
	enum err err;

	TRY_ALLOC(webhook.secret);
	id_new(call->now_ms, &webhook.id);
	TRY(webhook_endpoint_check(call, &app->settings->webhook, app->resolver, draft->url));
	err = webhook_store_add(call->pg, call->deadline, call->arena, &webhook, out);
	if (err == ERR_CONFLICT)
		return fault_set(call->fault, err,
		    "An account has at most " TEXT_OF(WEBHOOKS_PER_OWNER_MAX) " webhooks.");
	*secret = webhook.secret;
	return err;
}

enum err
webhook_create(const struct app *app, const struct call *call,
    const struct idempotency *idempotency, const struct webhook_change *draft,
    const struct webhook_answers *answers, struct kept_answer *out, bool *replayed)
{
	auto_pg_tx struct pg *tx = call->pg;
	struct webhook webhook;
	const char *secret = NULL;
	bool kept = false;
	enum err err;

	TRY(pg_begin(tx, call->deadline));
	if (idempotency->key != NULL)
		TRY(request_store_claim(call, idempotency, out, &kept));
	*replayed = kept;
	if (kept)
		return ERR_OK;
	err = add(app, call, draft, &webhook, &secret);
	if (err == ERR_OK)
		TRY(answers->created(answers->context, &webhook, secret, out));
	else if (err == ERR_CONFLICT)
		TRY(answers->refused(answers->context, err, out));
	else
		return err;
	if (idempotency->key != NULL)
		TRY(request_store_keep(call, idempotency, out));
	TRY(pg_commit(tx, call->deadline));
	return err;
}

enum err
webhook_update(const struct app *app, const struct call *call, const struct id *id,
    const struct webhook_change *change, const struct webhook_guard *guard, struct webhook *out)
{
	auto_pg_tx struct pg *tx = call->pg;
	struct webhook webhook;

	/* Whose it is first: nobody learns by another's webhook. */
	TRY(webhook_store_get(call->pg, call->deadline, call->arena, call->owner, id, &webhook));
	if (change->url != NULL)
		TRY(webhook_endpoint_check(
		    call, &app->settings->webhook, app->resolver, change->url));
	TRY(pg_begin(tx, call->deadline));
	TRY(webhook_store_hold(tx, call->deadline, call->arena, call->owner, id, &webhook));
	TRY(guard->check(guard->context, &webhook));
	TRY(webhook_store_change(tx, call->deadline, call->arena, call->owner, id, change, out));
	return pg_commit(tx, call->deadline);
}

enum err
webhook_remove(const struct call *call, const struct id *id, const struct webhook_guard *guard)
{
	auto_pg_tx struct pg *tx = call->pg;
	struct webhook webhook;

	TRY(pg_begin(tx, call->deadline));
	TRY(webhook_store_hold(tx, call->deadline, call->arena, call->owner, id, &webhook));
	TRY(guard->check(guard->context, &webhook));
	TRY(webhook_store_remove(tx, call->deadline, call->owner, id));
	return pg_commit(tx, call->deadline);
}

enum err
webhook_new_secret(const struct call *call, const struct id *id, const char **secret)
{
	const char *made = webhook_secret_new(call->arena);

	TRY_ALLOC(made);
	TRY(webhook_store_rotate(call->pg, call->deadline, call->owner, id, made));
	*secret = made;
	return ERR_OK;
}

enum err
webhook_ping(const struct call *call, const struct id *id, struct id *out)
{
	struct event_head head = {
	    .type = "webhook.ping",
	    .source = SOURCE,
	    .subject = id->text,
	    .time_ms = call->now_ms,
	    .traceparent = call->traceparent,
	};
	auto_buf struct buf body;
	struct webhook webhook;

	buf_init(&body, EVENT_MAX_SIZE);
	TRY(webhook_store_get(call->pg, call->deadline, call->arena, call->owner, id, &webhook));
	if (!webhook.active)
		return fault_set(call->fault, ERR_CONFLICT, "The webhook is disabled.");
	id_new(call->now_ms, &head.id);
	webhook_write_ping(&body, &head, &webhook);
	TRY(buf_finish(&body));
	return history_store_add(call, id, &head, body.data, out);
}

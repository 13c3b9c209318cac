#include "fcgi/items/handlers_purchase.h"

#include "fcgi/items/app.h"
#include "fcgi/items/handling.h"
#include "fcgi/items/items_metrics.h"
#include "fcgi/items/order_wire.h"
#include "fcgi/items/purchase_flow.h"
#include "shared/edge/problem.h"

/* Where outcomes of a purchase are told. */
struct telling {
	const struct request *rq;
	struct response *rs;
};

static enum err
tell_confirmed(void *context, const struct order *order, struct kept_answer *out)
{
	struct response *rs = ((struct telling *)context)->rs;
	char etag[ORDER_ETAG_SIZE];
	struct json_writer w;

	order_etag(order, true, etag);
	buf_reset(rs->buf);
	json_writer_init(&w, rs->buf);
	order_write(&w, NULL, order);
	return handling_answer(rs, 201, arena_printf(rs->arena, "/order/%s", order->id.text),
	    arena_strdup(rs->arena, etag), out);
}

/* The very problem that the edge writes for this refusal. */
static enum err
tell_refused(void *context, enum err err, struct kept_answer *out)
{
	const struct telling *telling = context;
	struct buf *buf = telling->rs->buf;
	const char *body;

	buf_reset(buf);
	problem_body(telling->rq, err, buf);
	TRY(buf_finish(buf));
	body = arena_memdup(telling->rs->arena, buf->data, buf->len);
	TRY_ALLOC(body);
	*out = (struct kept_answer){
	    .status = err_status(err),
	    .content_type = "application/problem+json",
	    .body = span_of(body, buf->len),
	};
	return ERR_OK;
}

static enum err
place(const struct app *app, struct request *rq, struct response *rs,
    const struct idempotency *idempotency, const struct order_draft *draft)
{
	struct telling telling = {.rq = rq, .rs = rs};
	const struct purchase_answers answers = {
	    .confirmed = tell_confirmed,
	    .refused = tell_refused,
	    .context = &telling,
	};
	const struct call call = handling_call(rq, idempotency);
	struct purchase_result result = {.replayed = false};
	enum err err = purchase_place(&rq->worker->shop, &call, draft, &answers, &result);

	items_metrics_purchase(app, err, result.replayed);
	TRY(err);
	return handling_respond(rs, &result.answer, result.replayed);
}

/* What must hold before anything is looked at or kept. */
static enum err
begin(const struct app *app, struct request *rq, struct idempotency *idempotency)
{
	TRY(query_none(rq));
	if (app->settings->require_verified_email && !rq->principal->email_verified)
		return ERR_EMAIL_UNVERIFIED;
	return idempotency_read(rq, idempotency);
}

enum err
handle_buy_item(const struct app *app, struct request *rq, struct response *rs)
{
	struct idempotency idempotency;
	struct order_draft draft;
	struct id item;

	TRY(request_id_param(rq, 0, &item));
	TRY(begin(app, rq, &idempotency));
	TRY(order_draft_read_buy(rq->arena, &item, rq->body, &rq->fault, &draft));
	return place(app, rq, rs, &idempotency, &draft);
}

enum err
handle_create_order(const struct app *app, struct request *rq, struct response *rs)
{
	struct idempotency idempotency;
	struct order_draft draft;

	TRY(begin(app, rq, &idempotency));
	TRY(order_draft_read(rq->arena, rq->body, &rq->fault, &draft));
	return place(app, rq, rs, &idempotency, &draft);
}

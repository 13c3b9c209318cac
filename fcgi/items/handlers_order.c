#include "fcgi/items/handlers_order.h"

#include "fcgi/items/app.h"
#include "fcgi/items/handling.h"
#include "fcgi/items/items_metrics.h"
#include "fcgi/items/order_query.h"
#include "fcgi/items/order_wire.h"
#include "fcgi/items/purchase_flow.h"
#include "shared/edge/problem.h"

#define LIST_SCOPE "order"

/* Where outcomes of a purchase are told. */
struct telling {
	const struct request *rq;
	struct response *rs;
};

static void
write_order(struct response *rs, const struct order *order)
{
	struct json_writer w;

	json_writer_init(&w, rs->buf);
	order_write(&w, NULL, order);
}

static enum err
tell_confirmed(void *context, const struct order *order, struct kept_answer *out)
{
	struct response *rs = ((struct telling *)context)->rs;
	char etag[ORDER_ETAG_SIZE];

	order_etag(order, true, etag);
	buf_reset(rs->buf);
	write_order(rs, order);
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

enum err
handle_buy_item(const struct app *app, struct request *rq, struct response *rs)
{
	struct telling telling = {.rq = rq, .rs = rs};
	const struct purchase_answers answers = {
	    .confirmed = tell_confirmed,
	    .refused = tell_refused,
	    .context = &telling,
	};
	struct purchase_result result = {.replayed = false};
	struct idempotency idempotency;
	struct order_draft draft;
	struct call call;
	struct id item;
	enum err err;

	TRY(handling_no_query(rq));
	TRY(request_id_param(rq, 0, &item));
	TRY(idempotency_read(rq, &idempotency));
	TRY(order_draft_read_buy(rq->arena, &item, rq->body, &rq->fault, &draft));
	call = handling_call(rq, &idempotency);
	err = purchase_place(&rq->worker->shop, &call, &draft, &answers, &result);
	items_metrics_purchase(app, err, result.replayed);
	TRY(err);
	return handling_respond(rs, &result.answer, result.replayed);
}

struct listing {
	const struct page *page;
	struct json_writer w;
	struct page_key last; /* of the last row shown */
	int64_t shown;
	bool more;
};

static enum err
list_order(void *context, const struct order *order, const struct page_key *key, bool *stop)
{
	struct listing *listing = context;

	if (listing->shown == listing->page->limit) {
		listing->more = true;
		*stop = true;
		return ERR_OK;
	}
	order_write(&listing->w, NULL, order);
	listing->last = *key;
	listing->shown++;
	return ERR_OK;
}

static void
read_filter(struct query *query, const struct principal *principal, struct order_filter *out)
{
	int status;

	*out = (struct order_filter){.buyer_id = principal->user_id};
	query_read_choice(query, "status", order_status_texts, &status, &out->has_status);
	if (out->has_status)
		out->status = (enum order_status)status;
}

enum err
handle_list_orders(const struct app *app, struct request *rq, struct response *rs)
{
	struct span secret = handling_cursor_secret(app);
	struct order_filter filter;
	struct query query;
	struct page page;
	struct listing listing = {.page = &page};

	TRY(query_begin(&query, rq));
	read_filter(&query, rq->principal, &filter);
	page_read(&query, secret, LIST_SCOPE, &page);
	TRY(query_end(&query));
	json_writer_init(&listing.w, rs->buf);
	json_object_open(&listing.w, NULL);
	json_array_open(&listing.w, "data");
	TRY(order_query_run(&rq->worker->shop.orders, &rq->deadline, rq->arena, &filter, &page,
	    list_order, &listing));
	return page_finish(
	    &query, rs, &listing.w, secret, LIST_SCOPE, listing.more ? &listing.last : NULL);
}

enum err
handle_get_order(const struct app *app, struct request *rq, struct response *rs)
{
	char etag[ORDER_ETAG_SIZE];
	struct order order;
	struct order view;
	bool not_modified;
	bool whole;
	struct id id;

	(void)app;
	TRY(handling_no_query(rq));
	TRY(request_id_param(rq, 0, &id));
	TRY(order_store_get(&rq->worker->shop.orders, &rq->deadline, rq->arena, &id, &order));
	TRY(order_view(rq->arena, &order, rq->principal, &view, &whole));
	order_etag(&view, whole, etag);
	TRY(response_etag(rs, rq, etag, &not_modified));
	if (not_modified)
		return ERR_OK;
	write_order(rs, &view);
	return response_json(rs, 200);
}

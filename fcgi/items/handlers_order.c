#include "fcgi/items/handlers_order.h"

#include "fcgi/items/app.h"
#include "fcgi/items/handling.h"
#include "fcgi/items/order_flow.h"
#include "fcgi/items/order_query.h"
#include "fcgi/items/order_wire.h"

#define LIST_SCOPE "order"

static void
write_order(struct response *rs, const struct order *order)
{
	struct json_writer w;

	json_writer_init(&w, rs->buf);
	order_write(&w, NULL, order);
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
	struct span secret = page_secret(&app->settings->pages);
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
	TRY(query_none(rq));
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

static enum err
take_step(struct request *rq, struct response *rs, enum order_move move)
{
	const struct call call = handling_call(rq, NULL);
	char etag[ORDER_ETAG_SIZE];
	struct order_wish wish;
	struct order order;
	struct order view;
	struct id id;
	bool whole;

	TRY(query_none(rq));
	TRY(request_id_param(rq, 0, &id));
	TRY(order_wish_read(rq->arena, rq->body, move, &rq->fault, &wish));
	TRY(order_flow_move(&rq->worker->shop, &call, &id, &wish, &order));
	TRY(order_view(rq->arena, &order, rq->principal, &view, &whole));
	order_etag(&view, whole, etag);
	TRY(response_header(rs, "ETag", "%s", etag));
	write_order(rs, &view);
	return response_json(rs, 200);
}

enum err
handle_cancel_order(const struct app *app, struct request *rq, struct response *rs)
{
	(void)app;
	return take_step(rq, rs, ORDER_CANCEL);
}

enum err
handle_ship_order(const struct app *app, struct request *rq, struct response *rs)
{
	(void)app;
	return take_step(rq, rs, ORDER_SHIP);
}

enum err
handle_deliver_order(const struct app *app, struct request *rq, struct response *rs)
{
	(void)app;
	return take_step(rq, rs, ORDER_DELIVER);
}

enum err
handle_refund_order(const struct app *app, struct request *rq, struct response *rs)
{
	(void)app;
	return take_step(rq, rs, ORDER_REFUND);
}

#include "fcgi/items/handlers_order.h"

#include "fcgi/items/app.h"
#include "fcgi/items/handling.h"
#include "fcgi/items/order_flow.h"
#include "fcgi/items/order_query.h"
#include "fcgi/items/order_wire.h"

/* A page of very long orders ends before it grows beyond reason. */
#define PAGE_MAX_BYTES ((size_t)1 << 20)

static void
write_order(struct response *rs, const struct order *order)
{
	struct json_writer w;

	json_writer_init(&w, rs->buf);
	order_write(&w, NULL, order);
}

struct listing {
	const struct order_filter *filter;
	const struct page *page;
	struct response *rs;
	struct json_writer w;
	struct page_key last; /* of the last row shown */
	int64_t shown;
	bool more;
};

static bool
is_full(const struct listing *listing)
{
	return listing->shown == listing->page->limit || listing->rs->buf->len > PAGE_MAX_BYTES ||
	    arena_used_bytes(listing->rs->arena) > 2 * PAGE_MAX_BYTES;
}

static enum err
list_order(void *context, const struct order *order, const struct page_key *key, bool *stop)
{
	struct listing *listing = context;
	struct order view = *order;

	if (listing->shown > 0 && is_full(listing)) {
		listing->more = true;
		*stop = true;
		return ERR_OK;
	}
	if (listing->filter->sales)
		TRY(order_view_of_seller(
		    listing->rs->arena, order, &listing->filter->account_id, &view));
	order_write(&listing->w, NULL, &view);
	listing->last = *key;
	listing->shown++;
	return ERR_OK;
}

/* SCOPE is the list's name in its cursors. */
static enum err
list(const struct app *app, struct request *rq, struct response *rs, const char *scope,
    struct order_filter *filter)
{
	struct span secret = page_secret(&app->settings->pages);
	struct query query;
	struct page page;
	struct listing listing = {.filter = filter, .page = &page, .rs = rs};
	int status;

	TRY(query_begin(&query, rq));
	query_read_choice(&query, "status", order_status_texts, &status, &filter->has_status);
	if (filter->has_status)
		filter->status = (enum order_status)status;
	page_read(&query, secret, scope, &page);
	TRY(query_end(&query));
	json_writer_init(&listing.w, rs->buf);
	json_object_open(&listing.w, NULL);
	json_array_open(&listing.w, "data");
	TRY(order_query_run(&rq->worker->shop.orders, &rq->deadline, rq->arena, filter, &page,
	    list_order, &listing));
	return page_finish(
	    &query, rs, &listing.w, secret, scope, listing.more ? &listing.last : NULL);
}

enum err
handle_list_orders(const struct app *app, struct request *rq, struct response *rs)
{
	struct order_filter filter = {.account_id = rq->principal->user_id};

	return list(app, rq, rs, "order", &filter);
}

enum err
handle_list_sales(const struct app *app, struct request *rq, struct response *rs)
{
	struct order_filter filter = {.sales = true, .account_id = rq->principal->user_id};

	return list(app, rq, rs, "sale", &filter);
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

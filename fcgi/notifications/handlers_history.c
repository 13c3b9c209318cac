#include "fcgi/notifications/handlers_history.h"

#include "fcgi/notifications/app.h"
#include "fcgi/notifications/history_wire.h"
#include "fcgi/notifications/webhook_flow.h"
#include "shared/edge/json.h"
#include "shared/edge/page.h"

#define CHANNEL_EMAIL "email"

/* Answers of endpoints may fill a page: it ends early then. */
#define PAGE_BYTES ((size_t)1024 * 1024)

struct listing {
	const char *scope;
	const struct id *recipient;
	const char *channel;
	void (*write)(struct json_writer *w, const struct delivery *delivery);
};

static enum err
answer_page(const struct call *call, struct response *rs, const struct listing *listing,
    struct span secret, struct query *query, const struct page *page)
{
	struct delivery *deliveries;
	struct page_key last;
	struct json_writer w;
	size_t count;
	size_t shown = 0;

	TRY(history_store_list(call, listing->recipient, listing->channel,
	    page->has_after ? &page->after_id : NULL, page->limit + 1, &deliveries, &count));
	json_writer_init(&w, rs->buf);
	json_object_open(&w, NULL);
	json_array_open(&w, "data");
	while (shown < count && shown < (size_t)page->limit && rs->buf->len < PAGE_BYTES)
		listing->write(&w, &deliveries[shown++]);
	if (shown < count)
		last = (struct page_key){.id = deliveries[shown - 1].id};
	return page_finish(query, rs, &w, secret, listing->scope, shown < count ? &last : NULL);
}

enum err
handle_list_notifications(const struct app *app, struct request *rq, struct response *rs)
{
	const struct span secret = page_secret(&app->settings->pages);
	const struct call call = call_of(rq);
	const struct listing listing = {
	    "notification", call.owner, CHANNEL_EMAIL, notification_write};
	struct query query;
	struct page page;

	TRY(query_begin(&query, rq));
	page_read(&query, secret, listing.scope, &page);
	TRY(query_end(&query));
	return answer_page(&call, rs, &listing, secret, &query, &page);
}

enum err
handle_list_deliveries(const struct app *app, struct request *rq, struct response *rs)
{
	const struct span secret = page_secret(&app->settings->pages);
	const struct call call = call_of(rq);
	struct listing listing = {"delivery", NULL, CHANNEL_WEBHOOK, delivery_write};
	struct webhook webhook;
	struct query query;
	struct page page;
	struct id id;

	TRY(request_id_param(rq, 0, &id));
	TRY(query_begin(&query, rq));
	page_read(&query, secret, listing.scope, &page);
	TRY(query_end(&query));
	TRY(webhook_store_get(call.pg, call.deadline, call.arena, call.owner, &id, &webhook));
	listing.recipient = &id;
	return answer_page(&call, rs, &listing, secret, &query, &page);
}

static enum err
answer_delivery(
    const struct call *call, struct response *rs, const struct id *webhook, const struct id *id)
{
	struct delivery delivery;
	struct json_writer w;

	TRY(history_store_get(call, webhook, id, &delivery));
	json_writer_init(&w, rs->buf);
	delivery_write(&w, &delivery);
	return response_json(rs, 202);
}

enum err
handle_redeliver(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct id webhook;
	struct id id;

	(void)app;
	TRY(query_none(rq));
	TRY(request_id_param(rq, 0, &webhook));
	TRY(request_id_param(rq, 1, &id));
	TRY(history_store_again(&call, &webhook, &id));
	return answer_delivery(&call, rs, &webhook, &id);
}

enum err
handle_ping_webhook(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct id webhook;
	struct id id;

	(void)app;
	TRY(query_none(rq));
	TRY(request_id_param(rq, 0, &webhook));
	TRY(webhook_ping(&call, &webhook, &id));
	return answer_delivery(&call, rs, &webhook, &id);
}

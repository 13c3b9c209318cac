#include "fcgi/items/handlers_item.h"

#include "fcgi/items/app.h"
#include "fcgi/items/handling.h"
#include "fcgi/items/item_flow.h"
#include "fcgi/items/item_list_wire.h"
#include "fcgi/items/item_wire.h"

#define LIST_SCOPE "item"
/* A page of very long items ends before it grows beyond reason. */
#define PAGE_MAX_BYTES ((size_t)2 << 20)

/* Caches may keep items, and must ask each time whether they are still so: stock is sold. */
static enum err
set_cache(const struct app *app, struct response *rs)
{
	return response_cache(
	    rs, app->settings->catalogue_requires_login ? "private, no-cache" : "public, no-cache");
}

static void
write_item(struct response *rs, const struct item *item)
{
	struct json_writer w;

	json_writer_init(&w, rs->buf);
	item_write(&w, NULL, item);
}

static enum err
tell_created(void *context, const struct item *item, struct kept_answer *out)
{
	struct response *rs = context;
	char etag[ITEM_ETAG_SIZE];

	item_etag(item, etag);
	buf_reset(rs->buf);
	write_item(rs, item);
	return handling_answer(rs, 201, arena_printf(rs->arena, "/item/%s", item->id.text),
	    arena_strdup(rs->arena, etag), out);
}

enum err
handle_create_item(const struct app *app, struct request *rq, struct response *rs)
{
	const struct item_teller teller = {.created = tell_created, .context = rs};
	struct idempotency idempotency;
	struct item_answer answer;
	struct item_draft draft;
	struct call call;

	(void)app;
	TRY(query_none(rq));
	TRY(idempotency_read(rq, &idempotency));
	TRY(item_draft_read(rq->arena, rq->body, true, &rq->fault, &draft));
	call = handling_call(rq, &idempotency);
	TRY(item_flow_create(&rq->worker->shop, &call, &draft, &teller, &answer));
	return handling_respond(rs, &answer.answer, answer.replayed);
}

struct listing {
	const struct page *page;
	struct response *rs;
	struct json_writer w;
	struct page_key last; /* of the last row shown */
	int64_t shown;
	bool more;
};

static enum err
list_item(void *context, const struct item *item, const struct page_key *key, bool *stop)
{
	struct listing *listing = context;

	if (listing->shown == listing->page->limit || listing->rs->buf->len > PAGE_MAX_BYTES) {
		listing->more = true;
		*stop = true;
		return ERR_OK;
	}
	item_write(&listing->w, NULL, item);
	listing->last = *key;
	if (key->text != NULL) {
		listing->last.text = arena_strdup(listing->rs->arena, key->text);
		TRY_ALLOC(listing->last.text);
	}
	listing->shown++;
	return ERR_OK;
}

enum err
handle_list_items(const struct app *app, struct request *rq, struct response *rs)
{
	struct span secret = page_secret(&app->settings->pages);
	struct item_filter filter;
	struct query query;
	struct page page;
	struct listing listing = {.page = &page, .rs = rs};
	const struct item_walk walk = {.each = list_item, .context = &listing};
	struct page_key resume;
	bool ended_early;

	TRY(handling_check_reader(app, rq));
	TRY(query_begin(&query, rq));
	TRY(item_filter_read(&query, &filter));
	page_read(&query, secret, LIST_SCOPE, &page);
	TRY(query_end(&query));
	TRY(set_cache(app, rs));
	json_writer_init(&listing.w, rs->buf);
	json_object_open(&listing.w, NULL);
	json_array_open(&listing.w, "data");
	TRY(item_query_run(&rq->worker->shop.items, &rq->deadline, rq->arena, &filter, &page, &walk,
	    &resume, &ended_early));
	if (!listing.more && ended_early) {
		listing.last = resume;
		listing.more = true;
	}
	return page_finish(
	    &query, rs, &listing.w, secret, LIST_SCOPE, listing.more ? &listing.last : NULL);
}

enum err
handle_get_item(const struct app *app, struct request *rq, struct response *rs)
{
	char etag[ITEM_ETAG_SIZE];
	bool not_modified;
	struct item item;
	struct id id;

	TRY(handling_check_reader(app, rq));
	TRY(query_none(rq));
	TRY(request_id_param(rq, 0, &id));
	TRY(item_store_get(&rq->worker->shop.items, &rq->deadline, rq->arena, &id, &item));
	TRY(set_cache(app, rs));
	item_etag(&item, etag);
	TRY(response_etag(rs, rq, etag, &not_modified));
	if (not_modified)
		return ERR_OK;
	write_item(rs, &item);
	return response_json(rs, 200);
}

static enum err
answer_changed(const struct app *app, struct response *rs, const struct item *item)
{
	char etag[ITEM_ETAG_SIZE];

	TRY(set_cache(app, rs));
	item_etag(item, etag);
	TRY(response_header(rs, "ETag", "%s", etag));
	write_item(rs, item);
	return response_json(rs, 200);
}

enum err
handle_replace_item(const struct app *app, struct request *rq, struct response *rs)
{
	struct item_precondition precondition = {.rq = rq};
	const struct item_guard guard = handling_guard(&precondition);
	const struct call call = handling_call(rq, NULL);
	struct item_draft draft;
	struct item item;
	struct id id;

	TRY(query_none(rq));
	TRY(request_id_param(rq, 0, &id));
	TRY(item_draft_read(rq->arena, rq->body, false, &rq->fault, &draft));
	/* Every purchase changes the stock: a new one must be derived from what is there. */
	precondition.required = draft.has_stock;
	TRY(item_flow_replace(&rq->worker->shop, &call, &id, &draft, &guard, &item));
	return answer_changed(app, rs, &item);
}

enum err
handle_update_item(const struct app *app, struct request *rq, struct response *rs)
{
	struct item_precondition precondition = {.rq = rq};
	const struct item_guard guard = handling_guard(&precondition);
	const struct call call = handling_call(rq, NULL);
	struct item_patch patch;
	struct item item;
	struct id id;

	TRY(query_none(rq));
	TRY(request_id_param(rq, 0, &id));
	TRY(item_patch_read(rq->arena, rq->body, &rq->fault, &patch));
	precondition.required = patch.has_stock;
	TRY(item_flow_patch(&rq->worker->shop, &call, &id, &patch, &guard, &item));
	return answer_changed(app, rs, &item);
}

enum err
handle_adjust_stock(const struct app *app, struct request *rq, struct response *rs)
{
	struct item_precondition precondition = {.rq = rq};
	const struct item_guard guard = handling_guard(&precondition);
	const struct call call = handling_call(rq, NULL);
	struct item item;
	int64_t delta;
	struct id id;

	TRY(query_none(rq));
	TRY(request_id_param(rq, 0, &id));
	TRY(item_delta_read(rq->arena, rq->body, &rq->fault, &delta));
	TRY(item_flow_add_stock(&rq->worker->shop, &call, &id, delta, &guard, &item));
	return answer_changed(app, rs, &item);
}

enum err
handle_delete_item(const struct app *app, struct request *rq, struct response *rs)
{
	struct item_precondition precondition = {.rq = rq};
	const struct item_guard guard = handling_guard(&precondition);
	const struct call call = handling_call(rq, NULL);
	struct id id;

	(void)app;
	TRY(query_none(rq));
	TRY(request_id_param(rq, 0, &id));
	TRY(item_flow_archive(&rq->worker->shop, &call, &id, &guard));
	return response_empty(rs, 204);
}

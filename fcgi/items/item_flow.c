#include "fcgi/items/item_flow.h"

#include "fcgi/items/item_wire.h"
#include "shared/base/buf.h"
#include "shared/base/crash.h"
#include "shared/base/str.h"

#define EVENT_MAX_BYTES  ((size_t)2 << 20)
#define CREATE_TRIES_MAX 3

/* The event's body lives in BUF. */
static enum err
make_event(const struct call *call, const char *type, const struct item *item, struct buf *buf,
    struct pending_event *out)
{
	struct event_head head = {
	    .type = type,
	    .source = "/items",
	    .subject = item->id.text,
	    .time_ms = call->now_ms,
	    .traceparent = call->traceparent,
	};

	id_new(call->now_ms, &head.id);
	item_write_event(buf, &head, item);
	TRY(buf_finish(buf));
	*out = (struct pending_event){
	    .id = head.id,
	    .type = head.type,
	    .at_ms = head.time_ms,
	    .traceparent = head.traceparent,
	    .body = span_of(buf->data, buf->len),
	};
	return ERR_OK;
}

/* The key was used before.  *expired: so long ago that it is forgotten by now. */
static enum err
replay(struct shop *shop, const struct call *call, struct item_answer *out, bool *expired)
{
	struct claim claim;
	enum err err = item_store_find_claim(&shop->items, call->deadline, call->arena,
	    &call->principal->user_id, call->idempotency->key, &claim);

	*expired = err == ERR_NOT_FOUND;
	if (*expired)
		return ERR_OK;
	TRY(err);
	if (claim.at_ms < call->now_ms - IDEMPOTENCY_KEPT_MS) {
		*expired = true;
		return item_store_drop_claims(
		    &shop->items, call->deadline, call->now_ms - IDEMPOTENCY_KEPT_MS);
	}
	if (!str_equal(claim.fingerprint, call->idempotency->fingerprint))
		return ERR_IDEMPOTENCY_REUSED;
	if (!claim.has_answer)
		return ERR_CORRUPT; /* it is written with the item */
	*out = (struct item_answer){.replayed = true, .answer = claim.answer};
	return ERR_OK;
}

enum err
item_flow_create(struct shop *shop, const struct call *call, const struct item_draft *draft,
    const struct item_teller *teller, struct item_answer *out)
{
	const struct idempotency *idempotency =
	    call->idempotency->key != NULL ? call->idempotency : NULL;
	auto_buf struct buf buf;
	struct pending_event event;
	struct item_index index;
	struct kept_answer answer;
	struct item item;
	struct id id;

	buf_init(&buf, EVENT_MAX_BYTES);
	id_new(call->now_ms, &id);
	item_make(draft, &id, &call->principal->user_id, call->now_ms, &item);
	TRY(item_index_make(call->arena, &item, &index));
	TRY(teller->created(teller->context, &item, &answer));
	TRY(make_event(call, "item.created", &item, &buf, &event));
	for (int tries = 0; tries < CREATE_TRIES_MAX; tries++) {
		bool expired;
		enum err err = item_store_insert(
		    &shop->items, call->deadline, &item, &index, idempotency, &answer, &event);

		CRASH_AT("item.created");
		/* Nobody else knows the id: without a key it is the driver's own retry. */
		if (err == ERR_OK || (err == ERR_CONFLICT && idempotency == NULL)) {
			shop_wake_relay(shop);
			*out = (struct item_answer){.answer = answer};
			return ERR_OK;
		}
		if (err != ERR_CONFLICT)
			return err;
		TRY(replay(shop, call, out, &expired));
		if (!expired)
			return ERR_OK;
	}
	return ERR_BUSY;
}

/* The item as it is now, which the caller may change and whose precondition holds. */
static enum err
get_editable(struct shop *shop, const struct call *call, const struct id *id,
    const struct item_guard *guard, struct item *out)
{
	struct item item;

	TRY(item_store_get(&shop->items, call->deadline, call->arena, id, &item));
	TRY(item_check_editor(&item, call->principal));
	TRY(guard->check(guard->context, &item));
	*out = item;
	return ERR_OK;
}

enum err
item_flow_replace(struct shop *shop, const struct call *call, const struct id *id,
    const struct item_draft *draft, const struct item_guard *guard, struct item *out)
{
	auto_buf struct buf buf;
	bool replaced = false;
	struct item next;

	buf_init(&buf, EVENT_MAX_BYTES);
	while (!replaced) { /* ends by the deadline, which every look at the store has */
		struct pending_event event;
		struct item_index index;
		struct item now;

		buf_reset(&buf);
		TRY(get_editable(shop, call, id, guard, &now));
		item_replace(&now, draft, call->now_ms, &next);
		TRY(item_index_make(call->arena, &next, &index));
		TRY(make_event(call, "item.updated", &next, &buf, &event));
		TRY(item_store_replace(
		    &shop->items, call->deadline, &next, &index, &event, &replaced));
	}
	shop_wake_relay(shop);
	*out = next;
	return ERR_OK;
}

enum err
item_flow_archive(
    struct shop *shop, const struct call *call, const struct id *id, const struct item_guard *guard)
{
	auto_buf struct buf buf;
	bool archived = false;

	buf_init(&buf, EVENT_MAX_BYTES);
	while (!archived) {
		struct pending_event event;
		struct item now;
		struct item next;

		buf_reset(&buf);
		TRY(get_editable(shop, call, id, guard, &now));
		item_archive(&now, call->now_ms, &next);
		TRY(make_event(call, "item.deleted", &next, &buf, &event));
		TRY(item_store_archive(&shop->items, call->deadline, &next, &event, &archived));
	}
	shop_wake_relay(shop);
	return ERR_OK;
}

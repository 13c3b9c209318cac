#include "fcgi/items/item_flow.h"

#include "fcgi/items/image_flow.h"

#include "shared/base/buf.h"
#include "shared/base/crash.h"
#include "shared/base/str.h"

#define EVENT_MAX_BYTES  ((size_t)2 << 20)
#define CREATE_TRIES_MAX 3

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
	TRY(item_change_event(call, "item.created", &item, &buf, &event));
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

static enum err
apply_draft(const struct call *call, const void *what, const struct item *now, struct item *next)
{
	item_replace(now, what, call->now_ms, next);
	return ERR_OK;
}

enum err
item_flow_replace(struct shop *shop, const struct call *call, const struct id *id,
    const struct item_draft *draft, const struct item_guard *guard, struct item *out)
{
	const struct item_change change = {"item.updated", apply_draft, draft};

	return item_change_run(shop, call, id, guard, &change, NULL, out);
}

static enum err
apply_patch(const struct call *call, const void *what, const struct item *now, struct item *next)
{
	return item_apply_patch(call->arena, now, what, call->now_ms, call->fault, next);
}

enum err
item_flow_patch(struct shop *shop, const struct call *call, const struct id *id,
    const struct item_patch *patch, const struct item_guard *guard, struct item *out)
{
	const struct item_change change = {"item.updated", apply_patch, patch};

	return item_change_run(shop, call, id, guard, &change, NULL, out);
}

static enum err
apply_delta(const struct call *call, const void *what, const struct item *now, struct item *next)
{
	const int64_t *delta = what;

	return item_add_stock(now, *delta, call->now_ms, call->fault, next);
}

enum err
item_flow_add_stock(struct shop *shop, const struct call *call, const struct id *id, int64_t delta,
    const struct item_guard *guard, struct item *out)
{
	const struct item_change change = {"item.updated", apply_delta, &delta};

	return item_change_run(shop, call, id, guard, &change, NULL, out);
}

static enum err
apply_archiving(
    const struct call *call, const void *what, const struct item *now, struct item *next)
{
	struct shop *shop = *(struct shop *const *)what;

	TRY(image_flow_doubt(shop, call->deadline, now, call->now_ms));
	item_archive(now, call->now_ms, next);
	return ERR_OK;
}

enum err
item_flow_archive(
    struct shop *shop, const struct call *call, const struct id *id, const struct item_guard *guard)
{
	const struct item_change change = {"item.deleted", apply_archiving, &shop};
	struct item before;

	TRY(item_change_run(shop, call, id, guard, &change, &before, NULL));
	image_flow_drop(shop, call->deadline, &before);
	return ERR_OK;
}

#include "fcgi/items/item_flow.h"

#include "fcgi/items/image_flow.h"
#include "fcgi/items/item_answers.h"
#include "fcgi/items/key_use.h"

#include "shared/base/buf.h"
#include "shared/base/crash.h"
#include "shared/base/str.h"

#define EVENT_MAX_BYTES ((size_t)2 << 20)
/* A key is forgotten between two looks once in a great while. */
#define CLAIM_TRIES_MAX 3

struct new_item {
	struct item item;
	struct item_index index;
	struct kept_answer answer;
	struct pending_event event;
};

static enum err
compose(const struct call *call, const struct item_draft *draft, const struct item_teller *teller,
    const struct id *id, struct buf *buf, struct new_item *out)
{
	buf_reset(buf);
	item_make(draft, id, &call->principal->user_id, call->now_ms, &out->item);
	TRY(item_index_make(call->arena, &out->item, &out->index));
	TRY(teller->created(teller->context, &out->item, &out->answer));
	return item_change_event(call, "item.created", &out->item, buf, &out->event);
}

/* Claims the request's key for the item *ID, or tells which item it was claimed for before. */
static enum err
claim_key(struct shop *shop, const struct call *call, struct id *id)
{
	const struct id *seller = &call->principal->user_id;
	const struct idempotency *idempotency = call->idempotency;
	const int64_t forgotten_ms = call->now_ms - IDEMPOTENCY_KEPT_MS;
	const struct item_claim own = {*id, idempotency->fingerprint, call->now_ms};
	bool bought;

	TRY(key_use_bought(shop, call, &bought));
	for (int tries = 0; tries < CLAIM_TRIES_MAX; tries++) {
		struct item_claim claim;
		enum err err = bought ? ERR_CONFLICT
				      : claim_store_insert(&shop->claims, call->deadline, seller,
					    idempotency->key, &own);

		if (err != ERR_CONFLICT)
			return err;
		err = claim_store_find(
		    &shop->claims, call->deadline, call->arena, seller, idempotency->key, &claim);
		if (err == ERR_NOT_FOUND && bought)
			return ERR_IDEMPOTENCY_REUSED;
		if (err == ERR_NOT_FOUND)
			continue;
		TRY(err);
		if (claim.at_ms >= forgotten_ms) {
			if (!str_equal(claim.fingerprint, idempotency->fingerprint))
				return ERR_IDEMPOTENCY_REUSED;
			*id = claim.item_id;
			return ERR_OK;
		}
		TRY(claim_store_drop(&shop->claims, call->deadline, forgotten_ms));
	}
	return ERR_BUSY;
}

/* By a pod of a version without claims, which serves beside this one while it is replaced. */
static enum err
find_unclaimed(struct shop *shop, const struct call *call, struct claim *out)
{
	struct claim claim;

	TRY(item_answers_find_key(&shop->items, call->deadline, call->arena,
	    &call->principal->user_id, call->idempotency->key, &claim));
	if (claim.at_ms < call->now_ms - IDEMPOTENCY_KEPT_MS)
		return ERR_NOT_FOUND;
	if (!str_equal(claim.fingerprint, call->idempotency->fingerprint))
		return ERR_IDEMPOTENCY_REUSED;
	*out = claim;
	return ERR_OK;
}

/* The item was made before, under the same key. */
static enum err
replay(struct shop *shop, const struct call *call, const struct id *id, struct item_answer *out)
{
	struct claim claim;
	enum err err = item_answers_find(&shop->items, call->deadline, call->arena, id, &claim);

	if (err == ERR_NOT_FOUND)
		err = find_unclaimed(shop, call, &claim);
	if (err == ERR_NOT_FOUND)
		return ERR_BUSY; /* its day ended since the claim was read */
	TRY(err);
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
	struct new_item made;
	struct id id;
	enum err err;

	buf_init(&buf, EVENT_MAX_BYTES);
	id_new(call->now_ms, &id);
	/* First, so that what can't be made claims nothing. */
	TRY(compose(call, draft, teller, &id, &buf, &made));
	if (idempotency != NULL) {
		TRY(claim_key(shop, call, &id));
		CRASH_AT("item.claimed");
		if (!id_equal(&id, &made.item.id))
			TRY(compose(call, draft, teller, &id, &buf, &made));
	}
	err = item_store_insert(&shop->items, call->deadline, &made.item, &made.index, idempotency,
	    &made.answer, &made.event);
	CRASH_AT("item.created");
	if (err == ERR_CONFLICT && idempotency != NULL)
		return replay(shop, call, &id, out);
	/* Nobody else knows the id: without a key it is the driver's own retry. */
	if (err != ERR_OK && err != ERR_CONFLICT)
		return err;
	shop_wake_relay(shop);
	*out = (struct item_answer){.answer = made.answer};
	return ERR_OK;
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

#include "fcgi/items/purchase_claim.h"

#include "fcgi/items/key_use.h"
#include "shared/base/str.h"

/* A key changes hands between two looks once in a great while. */
#define TRIES_MAX 5

static enum err
make_lines(const struct call *call, const struct order_draft *draft, struct order *order)
{
	order->lines = arena_array(call->arena, draft->line_count, sizeof(*order->lines));
	TRY_ALLOC(order->lines);
	order->line_count = draft->line_count;
	for (size_t i = 0; i < draft->line_count; i++)
		order->lines[i] = (struct order_line){
		    .item_id = draft->lines[i].item_id,
		    .quantity = draft->lines[i].quantity,
		    .status = ORDER_PENDING,
		};
	order->has_total = false;
	return ERR_OK;
}

static enum err
make_number(struct shop *shop, const struct call *call, struct order *order)
{
	char *number = arena_alloc(call->arena, ORDER_NUMBER_SIZE);

	TRY_ALLOC(number);
	TRY(number_store_take(&shop->numbers, call->deadline, number));
	order->number = number;
	return ERR_OK;
}

static enum err
make_order(
    struct shop *shop, const struct call *call, const struct order_draft *draft, struct order **out)
{
	struct order *order = arena_alloc(call->arena, sizeof(*order));

	TRY_ALLOC(order);
	id_new(call->now_ms, &order->id);
	order->buyer_id = call->principal->user_id;
	order->created_at_ms = call->now_ms;
	order->version = 1;
	TRY(make_number(shop, call, order));
	TRY(make_lines(call, draft, order));
	TRY(order_step_add(
	    call->arena, order, ORDER_PENDING, call->now_ms, &call->principal->user_id));
	*out = order;
	return ERR_OK;
}

/* The order of an attempt that ended unanswered becomes this attempt's. */
static enum err
take_over(struct shop *shop, const struct call *call, const struct order_draft *draft,
    const struct order_claim *claim, struct order_attempt *attempt, bool *taken)
{
	struct order_attempt next = *attempt;

	next.order = arena_alloc(call->arena, sizeof(*next.order));
	TRY_ALLOC(next.order);
	*next.order = claim->order;
	next.order->version++;
	TRY(make_lines(call, draft, next.order));
	TRY(order_step_add(
	    call->arena, next.order, ORDER_PENDING, call->now_ms, &call->principal->user_id));
	TRY(order_store_take_over(&shop->orders, call->deadline, &claim->hold_id, &next, taken));
	if (*taken)
		*attempt = next;
	return ERR_OK;
}

/* What to do about an insert that met a key in use. */
enum resolution { CLAIM_AGAIN, CLAIM_HELD };

static enum err
resolve_key(struct shop *shop, const struct call *call, const struct order_draft *draft,
    const struct order_claim *claim, struct order_attempt *attempt, struct purchase_result *result,
    enum resolution *out)
{
	bool taken;

	*out = CLAIM_HELD;
	if (id_equal(&claim->hold_id, &attempt->hold_id))
		return ERR_OK;
	if (claim->claim.at_ms < call->now_ms - IDEMPOTENCY_KEPT_MS) {
		*out = CLAIM_AGAIN;
		return order_store_drop_claims(
		    &shop->orders, call->deadline, call->now_ms - IDEMPOTENCY_KEPT_MS);
	}
	if (!str_equal(claim->claim.fingerprint, attempt->idempotency->fingerprint))
		return ERR_IDEMPOTENCY_REUSED;
	if (claim->claim.has_answer) {
		*result = (struct purchase_result){
		    .replayed = true,
		    .answer = claim->claim.answer,
		};
		return ERR_OK;
	}
	if (claim->order.status != ORDER_FAILED)
		return ERR_IDEMPOTENCY_RUNNING;
	TRY(take_over(shop, call, draft, claim, attempt, &taken));
	*out = taken ? CLAIM_HELD : CLAIM_AGAIN;
	return ERR_OK;
}

static enum err
resolve(struct shop *shop, const struct call *call, const struct order_draft *draft,
    struct order_attempt *attempt, struct purchase_result *result, enum resolution *out)
{
	struct order_claim claim;
	enum err err;

	if (attempt->idempotency == NULL) {
		/* Nobody else knows this order's id: the driver sent the insert twice. */
		*out = CLAIM_HELD;
		return ERR_OK;
	}
	err = order_store_find_claim(&shop->orders, call->deadline, call->arena,
	    &call->principal->user_id, attempt->idempotency->key, &claim);
	if (err == ERR_NOT_FOUND) {
		*out = CLAIM_AGAIN;
		return ERR_OK;
	}
	TRY(err);
	return resolve_key(shop, call, draft, &claim, attempt, result, out);
}

enum err
purchase_claim(struct shop *shop, const struct call *call, const struct order_draft *draft,
    struct order_attempt *out, struct purchase_result *result)
{
	struct order_attempt attempt = {
	    .expires_at_ms = call->now_ms + shop->reservation_ttl_ms,
	    .idempotency = call->idempotency->key != NULL ? call->idempotency : NULL,
	};
	enum resolution resolution = CLAIM_AGAIN;
	bool listed = false;

	if (attempt.idempotency != NULL)
		TRY(key_use_listed(shop, call, &listed));
	TRY(make_order(shop, call, draft, &attempt.order));
	id_new(call->now_ms, &attempt.hold_id);
	result->replayed = false;
	if (listed) {
		TRY(resolve(shop, call, draft, &attempt, result, &resolution));
		if (resolution == CLAIM_AGAIN)
			return ERR_IDEMPOTENCY_REUSED;
	}
	for (int tries = 0; tries < TRIES_MAX && resolution == CLAIM_AGAIN; tries++) {
		enum err err = order_store_insert(&shop->orders, call->deadline, &attempt);

		if (err == ERR_OK)
			resolution = CLAIM_HELD;
		else if (err == ERR_CONFLICT)
			TRY(resolve(shop, call, draft, &attempt, result, &resolution));
		else
			return err;
	}
	if (resolution == CLAIM_AGAIN)
		return ERR_BUSY;
	*out = attempt;
	return ERR_OK;
}

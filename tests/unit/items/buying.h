/*
 * tests/unit/items/buying: purchases for tests, and first attempts that died half-way.
 */
#ifndef TESTS_UNIT_ITEMS_BUYING_H
#define TESTS_UNIT_ITEMS_BUYING_H

#include "tests/unit/items/shop_rig.h"

#include "fcgi/items/purchase_flow.h"
#include "fcgi/items/reservation_store.h"
#include "fcgi/items/sweep_flow.h"

static enum err
tell_confirmed(void *context, const struct order *order, struct kept_answer *out)
{
	const char *text = arena_printf(context, "{\"id\":\"%s\"}", order->id.text);

	TRY_ALLOC(text);
	*out = (struct kept_answer){
	    .status = 201,
	    .content_type = "application/json",
	    .location = "/order/x",
	    .etag = "\"2\"",
	    .body = span_of(text, strlen(text)),
	};
	return ERR_OK;
}

static enum err
tell_refused(void *context, enum err err, struct kept_answer *out)
{
	const char *text = arena_printf(context, "{\"code\":\"%s\"}", err_code(err));

	TRY_ALLOC(text);
	*out = (struct kept_answer){
	    .status = err_status(err),
	    .content_type = "application/problem+json",
	    .body = span_of(text, strlen(text)),
	};
	return ERR_OK;
}

__attribute__((unused)) static enum err
place(const struct order_draft *draft, struct purchase_result *result)
{
	const struct purchase_answers answers = {tell_confirmed, tell_refused, rig.arena};
	const struct call call = rig_call();

	return purchase_place(&rig.shop, &call, draft, &answers, result);
}

__attribute__((unused)) static enum err
buy(const struct id *item, int64_t quantity, const struct money *expected,
    struct purchase_result *result)
{
	struct order_draft_line line = {.item_id = *item, .quantity = quantity, .pointer = ""};
	struct order_draft draft = {.lines = &line, .line_count = 1};

	if (expected != NULL) {
		line.has_expected = true;
		line.expected_price = *expected;
	}
	return place(&draft, result);
}

__attribute__((unused)) static void
assert_told(const struct purchase_result *result, const char *text)
{
	assert_int_equal(result->answer.body.len, strlen(text));
	assert_memory_equal(result->answer.body.data, text, strlen(text));
}

/* The id of the only order there is. */
__attribute__((unused)) static struct id
only_order(bson_t **document)
{
	auto_bson bson_t *all = bson_new();
	struct id id;

	assert_int_equal(rig_orders(NULL), 1);
	assert_err(
	    ERR_OK, mongo_find_one(rig.shop.orders.orders, &rig.deadline, all, NULL, document));
	assert_err(ERR_OK, mongo_get_id(*document, "_id", &id));
	return id;
}

/* A first request with the key that has got as far as its reservation, at MADE_MS. */
__attribute__((unused)) static struct order_attempt
leave_reserved(const struct id *item, int64_t made_ms)
{
	struct order *order = arena_alloc(rig.arena, sizeof(*order));
	struct order_line *line = arena_alloc(rig.arena, sizeof(*line));
	struct order_attempt attempt = {
	    .order = order,
	    .hold_id = new_id(),
	    .expires_at_ms = made_ms + TTL_MS,
	    .idempotency = rig.idempotency.key != NULL ? &rig.idempotency : NULL,
	};
	struct reservation reservation;
	struct reserved reserved;

	assert_true(order != NULL && line != NULL);
	*line = (struct order_line){.item_id = *item, .quantity = 1};
	*order = (struct order){
	    .id = new_id(),
	    .number = "A2B2-C3D4",
	    .buyer_id = rig.buyer.user_id,
	    .lines = line,
	    .line_count = 1,
	    .created_at_ms = made_ms,
	    .version = 1,
	};
	reservation = (struct reservation){
	    .item_id = *item,
	    .order_id = order->id,
	    .hold_id = attempt.hold_id,
	    .buyer_id = order->buyer_id,
	    .quantity = 1,
	    .at_ms = made_ms,
	};
	assert_err(
	    ERR_OK, order_step_add(rig.arena, order, ORDER_PENDING, made_ms, &order->buyer_id));
	assert_err(ERR_OK, order_store_insert(&rig.shop.orders, &rig.deadline, &attempt));
	assert_err(ERR_OK,
	    reservation_take(&rig.shop.items, &rig.deadline, rig.arena, &reservation, NULL,
		&rig.fault, &reserved));
	return attempt;
}

__attribute__((unused)) static struct sweep_counts
sweep(int64_t now_ms)
{
	struct sweep_counts counts = {0};

	assert_err(ERR_OK, sweep_orders(&rig.shop, &rig.deadline, rig.arena, now_ms, &counts));
	assert_err(
	    ERR_OK, sweep_reservations(&rig.shop, &rig.deadline, rig.arena, now_ms, &counts));
	return counts;
}

__attribute__((unused)) static enum err
confirm(struct order_attempt *attempt, bool *confirmed)
{
	const struct pending_event event = rig_event("order.created");
	struct order *order = attempt->order;

	order->version++;
	order->total = (struct money){1999, "EUR"};
	assert_err(ERR_OK,
	    order_step_add(rig.arena, order, ORDER_CONFIRMED, rig.now_ms, &order->buyer_id));
	return order_store_confirm(
	    &rig.shop.orders, &rig.deadline, attempt, NULL, &event, confirmed);
}

#endif

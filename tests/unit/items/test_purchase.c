#include "tests/unit/items/buying.h"

#include "fcgi/items/settle_flow.h"

static void
test_a_purchase_sells_and_tells(void **state)
{
	struct id lamp = rig_lamp(5);
	struct sold_hold holds[4];
	struct purchase_result result;
	struct order order;
	auto_bson bson_t *document = NULL;
	struct id id;

	(void)state;
	assert_err(ERR_OK, buy(&lamp, 2, NULL, &result));
	assert_false(result.replayed);
	assert_int_equal(result.answer.status, 201);
	id = only_order(&document);
	assert_int_equal(mongo_array_count(document, "pending_events"), 1);
	assert_false(mongo_has(document, "expires_at"));
	assert_err(
	    ERR_OK, order_store_get(&rig.shop.orders, &rig.deadline, rig.arena, &id, &order));
	assert_int_equal(order.status, ORDER_CONFIRMED);
	assert_int_equal(order.total.amount_minor, 3998);
	assert_string_equal(order.lines[0].name, "Lamp");
	assert_int_equal(order.lines[0].status, ORDER_CONFIRMED);
	assert_int_equal(order.history_count, 2);
	assert_int_equal(order.version, 2);
	assert_int_equal(rig_stock(&lamp), 3);
	/* The reservation stands until the sweeper's thread removes it. */
	assert_int_equal(rig_reservations(&lamp), 1);
	assert_int_equal(settle_queue_take(rig.shop.sold, 0, 0, holds, 4), 1);
	assert_true(id_equal(&holds[0].item_id, &lamp));
	assert_err(ERR_OK,
	    settle_sold(&rig.shop, &rig.deadline, rig.arena, rig.now_ms,
		&(struct sold){&lamp, &holds[0].hold_id, 1}));
	assert_int_equal(rig_reservations(&lamp), 0);
	assert_int_equal(rig_stock(&lamp), 3);
}

static void
test_what_is_not_there_is_not_sold(void **state)
{
	struct id lamp = rig_lamp(5);
	struct purchase_result result;

	(void)state;
	assert_err(ERR_STOCK, buy(&lamp, 6, NULL, &result));
	assert_true(rig.fault.has_available);
	assert_int_equal(rig.fault.available, 5);
	assert_int_equal(rig_stock(&lamp), 5);
	assert_int_equal(rig_reservations(&lamp), 0);
	assert_int_equal(rig_orders("failed"), 1);
	assert_err(ERR_OK, buy(&lamp, 5, NULL, &result));
	assert_int_equal(rig_stock(&lamp), 0);
	assert_err(ERR_STOCK, buy(&lamp, 1, NULL, &result));
	assert_int_equal(rig.fault.available, 0);
}

static void
test_only_the_expected_price_is_paid(void **state)
{
	const struct money cheaper = {1998, "EUR"};
	const struct money other = {1999, "USD"};
	const struct money right = {1999, "EUR"};
	struct id lamp = rig_lamp(5);
	struct purchase_result result;

	(void)state;
	assert_err(ERR_PRICE_CHANGED, buy(&lamp, 1, &cheaper, &result));
	assert_true(rig.fault.has_price);
	assert_int_equal(rig.fault.price.amount_minor, 1999);
	assert_err(ERR_PRICE_CHANGED, buy(&lamp, 1, &other, &result));
	assert_int_equal(rig_stock(&lamp), 5);
	assert_err(ERR_OK, buy(&lamp, 1, &right, &result));
	assert_int_equal(rig_stock(&lamp), 4);
}

static void
test_what_is_no_item_leaves_no_order(void **state)
{
	struct id lamp = rig_lamp(5);
	struct id nothing = new_id();
	struct purchase_result result;
	struct item item;

	(void)state;
	rig_key("key", "print");
	assert_err(ERR_NOT_FOUND, buy(&nothing, 1, NULL, &result));
	assert_int_equal(rig_orders(NULL), 0);
	assert_err(ERR_OK, item_store_get(&rig.shop.items, &rig.deadline, rig.arena, &lamp, &item));
	item_archive(&item, rig.now_ms, &item);
	rig_write_item(&item, "item.deleted");
	assert_err(ERR_NOT_FOUND, buy(&lamp, 1, NULL, &result));
	assert_int_equal(rig_orders(NULL), 0);
	/* The key is free again. */
	lamp = rig_lamp(1);
	assert_err(ERR_OK, buy(&lamp, 1, NULL, &result));
	assert_false(result.replayed);
}

static void
test_a_key_buys_once(void **state)
{
	struct id lamp = rig_lamp(5);
	struct purchase_result first;
	struct purchase_result again;

	(void)state;
	rig_key("key", "print");
	assert_err(ERR_OK, buy(&lamp, 1, NULL, &first));
	assert_err(ERR_OK, buy(&lamp, 1, NULL, &again));
	assert_true(again.replayed);
	assert_int_equal(again.answer.status, 201);
	assert_string_equal(again.answer.location, first.answer.location);
	assert_string_equal(again.answer.etag, first.answer.etag);
	assert_told(&again, first.answer.body.data);
	assert_int_equal(rig_stock(&lamp), 4);
	rig_key("key", "another print");
	assert_err(ERR_IDEMPOTENCY_REUSED, buy(&lamp, 1, NULL, &again));
	/* Another buyer's key of the same text is another key. */
	rig.buyer.user_id = new_id();
	assert_err(ERR_OK, buy(&lamp, 1, NULL, &again));
	assert_false(again.replayed);
	assert_int_equal(rig_stock(&lamp), 3);
}

static void
test_a_refusal_is_kept(void **state)
{
	struct id lamp = rig_lamp(0);
	struct purchase_result result;

	(void)state;
	rig_key("key", "print");
	assert_err(ERR_STOCK, buy(&lamp, 1, NULL, &result));
	assert_err(ERR_OK, buy(&lamp, 1, NULL, &result));
	assert_true(result.replayed);
	assert_int_equal(result.answer.status, 409);
	assert_told(&result, "{\"code\":\"insufficient_stock\"}");
	assert_int_equal(rig_orders(NULL), 1);
}

static void
test_lines_are_sold_together_or_not_at_all(void **state)
{
	struct id lamp = rig_lamp(5);
	struct id rare = rig_lamp(1);
	struct order_draft_line lines[] = {
	    {.item_id = rare, .quantity = 2, .pointer = "/lines/0"},
	    {.item_id = lamp, .quantity = 1, .pointer = "/lines/1"},
	};
	struct order_draft draft = {.lines = lines, .line_count = 2};
	struct purchase_result result;

	(void)state;
	assert_err(ERR_STOCK, place(&draft, &result));
	assert_string_equal(rig.fault.item_id, rare.text);
	assert_int_equal(rig_stock(&lamp), 5);
	assert_int_equal(rig_reservations(&lamp), 0);
	lines[0].quantity = 1;
	assert_err(ERR_OK, place(&draft, &result));
	assert_int_equal(rig_stock(&lamp), 4);
	assert_int_equal(rig_stock(&rare), 0);
}

static void
test_an_order_has_one_currency(void **state)
{
	const struct item_draft foreign = {
	    .name = "Mirror",
	    .description = "",
	    .price = {1500, "JPY"},
	    .has_stock = true,
	    .stock = 3,
	};
	struct id lamp = rig_lamp(5);
	struct id mirror = rig_list_item(&foreign, rig.now_ms);
	struct order_draft_line lines[] = {
	    {.item_id = lamp, .quantity = 1, .pointer = "/lines/0"},
	    {.item_id = mirror, .quantity = 1, .pointer = "/lines/1"},
	};
	struct order_draft draft = {.lines = lines, .line_count = 2};
	struct purchase_result result;

	(void)state;
	assert_err(ERR_VALIDATION, place(&draft, &result));
	assert_string_equal(rig.fault.first->where, "/lines/1/item_id");
	assert_int_equal(rig.fault.first->code, FIELD_NOT_ALLOWED);
	assert_int_equal(rig_stock(&lamp), 5);
	assert_int_equal(rig_stock(&mirror), 3);
	assert_int_equal(rig_orders(NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_a_purchase_sells_and_tells, rig_empty),
	    cmocka_unit_test_setup(test_what_is_not_there_is_not_sold, rig_empty),
	    cmocka_unit_test_setup(test_only_the_expected_price_is_paid, rig_empty),
	    cmocka_unit_test_setup(test_what_is_no_item_leaves_no_order, rig_empty),
	    cmocka_unit_test_setup(test_a_key_buys_once, rig_empty),
	    cmocka_unit_test_setup(test_a_refusal_is_kept, rig_empty),
	    cmocka_unit_test_setup(test_lines_are_sold_together_or_not_at_all, rig_empty),
	    cmocka_unit_test_setup(test_an_order_has_one_currency, rig_empty),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

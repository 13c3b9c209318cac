#include "tests/unit/items/buying.h"

#include "fcgi/items/order_flow.h"
#include "fcgi/items/return_flow.h"
#include "fcgi/items/return_store.h"

static const struct order_wish cancel = {.move = ORDER_CANCEL};

static struct id
buy_some(const struct id *item, int64_t quantity)
{
	struct purchase_result result;
	bson_t *document = NULL;
	struct id id;

	assert_err(ERR_OK, buy(item, quantity, NULL, &result));
	id = only_order(&document);
	bson_destroy(document);
	return id;
}

static enum err
take(const struct id *order, const struct order_wish *wish, struct order *out)
{
	const struct call call = rig_call();

	return order_flow_move(&rig.shop, &call, order, wish, out);
}

static uint32_t
markers(const struct id *item)
{
	auto_bson bson_t *found = rig_find(rig.shop.items.items, item);

	return mongo_array_count(found, "returned");
}

static uint32_t
due(const struct id *order)
{
	auto_bson bson_t *found = rig_find(rig.shop.orders.orders, order);

	return mongo_array_count(found, "returns");
}

static void
test_a_cancelled_order_gives_its_stock_back(void **state)
{
	struct id lamp = rig_lamp(5);
	struct id id = buy_some(&lamp, 3);
	auto_bson bson_t *document = NULL;
	struct order order;

	(void)state;
	assert_int_equal(rig_stock(&lamp), 2);
	assert_err(ERR_OK, take(&id, &cancel, &order));
	assert_int_equal(order.status, ORDER_CANCELLED);
	assert_int_equal(order.version, 3);
	assert_int_equal(rig_stock(&lamp), 5);
	assert_int_equal(markers(&lamp), 1);
	assert_int_equal(due(&id), 0);
	document = rig_find(rig.shop.orders.orders, &id);
	assert_int_equal(mongo_array_count(document, "pending_events"), 2);
	assert_int_equal(mongo_array_count(document, "history"), 3);
	assert_int_equal(mongo_array_count(document, "sales"), 2);
	assert_err(ERR_TRANSITION, take(&id, &cancel, &order));
	assert_int_equal(rig_stock(&lamp), 5);
	/* The reservation that still stands is the sold order's: it is no stock. */
	assert_int_equal(sweep(rig.now_ms + TTL_MS + 1).reservations_settled, 1);
	assert_int_equal(rig_stock(&lamp), 5);
}

/* The order's write happened, and then nothing more. */
static struct due_return
leave_due(const struct id *order, const struct id *item, int64_t quantity)
{
	const struct pending_event event = rig_event("order.cancelled");
	struct due_return returns = {.order_id = *order, .count = 1};
	struct order_transition transition;
	struct order now;
	bool moved;

	assert_err(
	    ERR_OK, order_store_get(&rig.shop.orders, &rig.deadline, rig.arena, order, &now));
	assert_err(ERR_OK,
	    order_transition_make(
		rig.arena, &now, &cancel, &rig.buyer, rig.now_ms, NULL, &transition));
	returns.buyer_id = now.buyer_id;
	returns.items[0] = *item;
	returns.quantities[0] = quantity;
	assert_err(ERR_OK,
	    order_store_move(
		&rig.shop.orders, &rig.deadline, &transition.order, &returns, &event, &moved));
	assert_true(moved);
	/* A second write from the same version changes nothing. */
	assert_err(ERR_OK,
	    order_store_move(
		&rig.shop.orders, &rig.deadline, &transition.order, &returns, &event, &moved));
	assert_false(moved);
	return returns;
}

static void
test_what_died_is_swept_up_once(void **state)
{
	struct id lamp = rig_lamp(5);
	struct id id = buy_some(&lamp, 2);
	const struct due_return returns = leave_due(&id, &lamp, 2);
	int64_t count = 0;

	(void)state;
	assert_int_equal(due(&id), 1);
	assert_err(ERR_OK, return_flow_sweep(&rig.shop, &rig.deadline, rig.now_ms, &count));
	assert_int_equal(count, 0); /* its request may be at it yet */
	assert_int_equal(rig_stock(&lamp), 3);
	for (int again = 0; again < 3; again++)
		assert_err(ERR_OK,
		    return_flow_sweep(&rig.shop, &rig.deadline, rig.now_ms + TTL_MS + 1, &count));
	assert_int_equal(count, 1);
	assert_int_equal(rig_stock(&lamp), 5);
	/* The original wakes up. */
	assert_err(ERR_OK, return_flow_give(&rig.shop, &rig.deadline, &returns, rig.now_ms));
	assert_int_equal(rig_stock(&lamp), 5);
	assert_int_equal(due(&id), 0);
}

/* It died between the item's write and the order's: the sweeper finds the marker. */
static void
test_a_marker_stays_while_the_order_has_the_line(void **state)
{
	const int64_t later_ms = rig.now_ms + RETURN_MARKER_KEPT_MS + TTL_MS + 1;
	struct id lamp = rig_lamp(5);
	struct id id = buy_some(&lamp, 2);
	const struct due_return returns = leave_due(&id, &lamp, 2);
	const struct stock_return stock = {lamp, id, returns.buyer_id, 2};
	int64_t count = 0;

	(void)state;
	assert_err(ERR_OK, return_give(&rig.shop.items, &rig.deadline, &stock, rig.now_ms));
	assert_int_equal(rig_stock(&lamp), 5);
	assert_err(ERR_OK, return_flow_sweep_markers(&rig.shop, &rig.deadline, later_ms));
	assert_int_equal(markers(&lamp), 1);
	assert_err(ERR_OK, return_flow_sweep(&rig.shop, &rig.deadline, later_ms, &count));
	assert_int_equal(rig_stock(&lamp), 5);
	assert_int_equal(due(&id), 0);
	assert_err(ERR_OK,
	    return_flow_sweep_markers(
		&rig.shop, &rig.deadline, rig.now_ms + RETURN_MARKER_KEPT_MS));
	assert_int_equal(markers(&lamp), 1);
	assert_err(ERR_OK, return_flow_sweep_markers(&rig.shop, &rig.deadline, later_ms));
	assert_int_equal(markers(&lamp), 0);
}

/* Somebody buys and cancels without end: one sweep removes whatever markers that leaves. */
static void
test_one_sweep_removes_any_number_of_markers(void **state)
{
	const struct id items[] = {rig_lamp(0), rig_lamp(0)};
	enum { RETURNS = 130 }; /* of each item */

	(void)state;
	for (int i = 0; i < 2 * RETURNS; i++) {
		const struct stock_return stock = {items[i % 2], new_id(), rig.buyer.user_id, 1};

		assert_err(ERR_OK, return_give(&rig.shop.items, &rig.deadline, &stock, rig.now_ms));
	}
	assert_int_equal(markers(&items[0]), RETURNS);
	assert_err(ERR_OK,
	    return_flow_sweep_markers(
		&rig.shop, &rig.deadline, rig.now_ms + RETURN_MARKER_KEPT_MS + 1));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(markers(&items[i]), 0);
		assert_int_equal(rig_stock(&items[i]), RETURNS);
	}
}

static void
test_an_archived_item_takes_its_stock_back(void **state)
{
	struct id lamp = rig_lamp(5);
	struct id id = buy_some(&lamp, 2);
	struct order order;
	struct item item;

	(void)state;
	assert_err(ERR_OK, item_store_get(&rig.shop.items, &rig.deadline, rig.arena, &lamp, &item));
	item_archive(&item, rig.now_ms, &item);
	rig_write_item(&item, "item.deleted");
	assert_err(ERR_OK, take(&id, &cancel, &order));
	assert_int_equal(rig_stock(&lamp), 5);
}

static void
test_a_refund_without_restock_keeps_nothing(void **state)
{
	const struct order_wish ship = {.move = ORDER_SHIP, .tracking = "T-1"};
	const struct order_wish refund = {.move = ORDER_REFUND};
	struct id lamp = rig_lamp(5);
	struct id id = buy_some(&lamp, 2);
	struct order order;

	(void)state;
	rig.buyer.roles = ROLE_ADMIN;
	assert_err(ERR_OK, take(&id, &ship, &order));
	assert_string_equal(order.lines[0].tracking, "T-1");
	assert_err(
	    ERR_OK, order_store_get(&rig.shop.orders, &rig.deadline, rig.arena, &id, &order));
	assert_string_equal(order.lines[0].tracking, "T-1");
	assert_err(ERR_OK, take(&id, &refund, &order));
	assert_int_equal(order.status, ORDER_REFUNDED);
	assert_int_equal(rig_stock(&lamp), 3);
	assert_int_equal(due(&id), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_a_cancelled_order_gives_its_stock_back, rig_empty),
	    cmocka_unit_test_setup(test_what_died_is_swept_up_once, rig_empty),
	    cmocka_unit_test_setup(test_a_marker_stays_while_the_order_has_the_line, rig_empty),
	    cmocka_unit_test_setup(test_one_sweep_removes_any_number_of_markers, rig_empty),
	    cmocka_unit_test_setup(test_an_archived_item_takes_its_stock_back, rig_empty),
	    cmocka_unit_test_setup(test_a_refund_without_restock_keeps_nothing, rig_empty),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

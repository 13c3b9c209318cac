#include "tests/unit/items/buying.h"

static void
test_a_key_waits_for_its_first_request(void **state)
{
	struct id lamp = rig_lamp(5);
	struct purchase_result result;

	(void)state;
	rig_key("key", "print");
	(void)leave_reserved(&lamp, rig.now_ms);
	assert_err(ERR_IDEMPOTENCY_RUNNING, buy(&lamp, 1, NULL, &result));
	/* Not expired: nothing is swept. */
	assert_int_equal(sweep(rig.now_ms + TTL_MS - 1).orders_failed, 0);
	assert_int_equal(rig_stock(&lamp), 4);
	assert_err(ERR_IDEMPOTENCY_RUNNING, buy(&lamp, 1, NULL, &result));
}

static void
test_after_a_death_the_key_gets_one_order(void **state)
{
	struct id lamp = rig_lamp(5);
	auto_bson bson_t *document = NULL;
	struct order_attempt dead;
	struct purchase_result result;
	struct sweep_counts counts;
	struct id id;

	(void)state;
	rig_key("key", "print");
	dead = leave_reserved(&lamp, rig.now_ms - TTL_MS - 1);
	counts = sweep(rig.now_ms);
	assert_int_equal(counts.orders_failed, 1);
	assert_int_equal(counts.reservations_freed, 0); /* given back with the order */
	assert_int_equal(rig_stock(&lamp), 5);
	assert_int_equal(rig_orders("failed"), 1);
	assert_err(ERR_OK, buy(&lamp, 1, NULL, &result));
	assert_false(result.replayed);
	id = only_order(&document);
	assert_true(id_equal(&id, &dead.order->id));
	assert_int_equal(rig_orders("confirmed"), 1);
	assert_int_equal(rig_stock(&lamp), 4);
	assert_err(ERR_OK, buy(&lamp, 1, NULL, &result));
	assert_true(result.replayed);
	assert_int_equal(rig_stock(&lamp), 4);
}

static void
test_a_slow_original_sells_nothing_that_was_swept(void **state)
{
	struct id lamp = rig_lamp(5);
	struct order_attempt slow;
	bool confirmed = true;

	(void)state;
	slow = leave_reserved(&lamp, rig.now_ms - TTL_MS - 1);
	assert_int_equal(sweep(rig.now_ms).orders_failed, 1);
	assert_err(ERR_OK, confirm(&slow, &confirmed));
	assert_false(confirmed);
	assert_int_equal(rig_orders("failed"), 1);
	assert_int_equal(rig_stock(&lamp), 5);
}

static void
test_the_sweeper_comes_too_late_for_what_is_confirmed(void **state)
{
	struct id lamp = rig_lamp(5);
	struct order_attempt attempt;
	struct sweep_counts counts;
	bool confirmed = false;

	(void)state;
	attempt = leave_reserved(&lamp, rig.now_ms - TTL_MS - 1);
	assert_err(ERR_OK, confirm(&attempt, &confirmed));
	assert_true(confirmed);
	/* The same write once more, as after a lost answer, changes nothing. */
	assert_err(ERR_OK, confirm(&attempt, &confirmed));
	assert_false(confirmed);
	counts = sweep(rig.now_ms);
	assert_int_equal(counts.orders_failed, 0);
	assert_int_equal(counts.reservations_settled, 1);
	assert_int_equal(rig_reservations(&lamp), 0);
	assert_int_equal(rig_stock(&lamp), 4);
	assert_int_equal(sweep(rig.now_ms).reservations_settled, 0);
}

/* The write of a reservation may arrive after its order was swept and tried again. */
static void
test_a_late_reservation_of_an_earlier_hold_is_given_back(void **state)
{
	struct id lamp = rig_lamp(5);
	const int64_t made_ms = rig.now_ms - TTL_MS - 1;
	struct order_attempt dead;
	struct purchase_result result;
	struct reservation late;
	struct reserved reserved;

	(void)state;
	rig_key("key", "print");
	dead = leave_reserved(&lamp, made_ms);
	late = (struct reservation){
	    .item_id = lamp,
	    .order_id = dead.order->id,
	    .hold_id = dead.hold_id,
	    .buyer_id = dead.order->buyer_id,
	    .quantity = 1,
	    .at_ms = made_ms,
	};
	assert_int_equal(sweep(rig.now_ms).orders_failed, 1);
	assert_err(ERR_OK, buy(&lamp, 1, NULL, &result));
	assert_err(ERR_OK,
	    reservation_take(
		&rig.shop.items, &rig.deadline, rig.arena, &late, NULL, &rig.fault, &reserved));
	assert_int_equal(rig_stock(&lamp), 3);
	assert_int_equal(sweep(rig.now_ms).reservations_freed, 1);
	assert_int_equal(rig_stock(&lamp), 4);
	assert_int_equal(rig_orders("confirmed"), 1);
}

/* As long as its order is pending, it is the sweep of orders that decides. */
static void
test_a_stale_reservation_of_a_pending_order_is_left(void **state)
{
	struct id lamp = rig_lamp(5);
	struct sweep_counts counts = {0};

	(void)state;
	(void)leave_reserved(&lamp, rig.now_ms - TTL_MS - 1);
	assert_err(
	    ERR_OK, sweep_reservations(&rig.shop, &rig.deadline, rig.arena, rig.now_ms, &counts));
	assert_int_equal(counts.reservations_freed, 0);
	assert_int_equal(rig_stock(&lamp), 4);
	assert_int_equal(rig_reservations(&lamp), 1);
}

static void
test_a_reservation_of_no_order_is_given_back(void **state)
{
	struct id lamp = rig_lamp(5);
	struct order_attempt attempt = leave_reserved(&lamp, rig.now_ms - TTL_MS - 1);
	bool removed;

	(void)state;
	assert_err(ERR_OK, order_store_remove(&rig.shop.orders, &rig.deadline, &attempt, &removed));
	assert_true(removed);
	assert_int_equal(sweep(rig.now_ms).reservations_freed, 1);
	assert_int_equal(rig_stock(&lamp), 5);
	assert_int_equal(rig_reservations(&lamp), 0);
}

static void
test_a_reservation_is_taken_and_given_back_once(void **state)
{
	struct id lamp = rig_lamp(5);
	struct reservation reservation = {
	    .item_id = lamp,
	    .order_id = new_id(),
	    .hold_id = new_id(),
	    .buyer_id = new_id(),
	    .quantity = 2,
	    .at_ms = rig.now_ms,
	};
	struct reserved reserved;

	(void)state;
	for (int i = 0; i < 2; i++) { /* the second finds that it stands */
		assert_err(ERR_OK,
		    reservation_take(&rig.shop.items, &rig.deadline, rig.arena, &reservation, NULL,
			&rig.fault, &reserved));
		assert_int_equal(rig_stock(&lamp), 3);
		assert_int_equal(reserved.price.amount_minor, 1999);
	}
	reservation.quantity = 1; /* not what was taken */
	assert_err(
	    ERR_OK, reservation_release(&rig.shop.items, &rig.deadline, &reservation, rig.now_ms));
	assert_int_equal(rig_stock(&lamp), 3);
	reservation.quantity = 2;
	for (int i = 0; i < 2; i++) {
		assert_err(ERR_OK,
		    reservation_release(&rig.shop.items, &rig.deadline, &reservation, rig.now_ms));
		assert_int_equal(rig_stock(&lamp), 5);
	}
}

static void
test_keys_are_forgotten_after_a_day(void **state)
{
	struct id lamp = rig_lamp(5);
	auto_bson bson_t *document = NULL;
	auto_bson bson_t *later = NULL;
	struct purchase_result result;

	(void)state;
	rig_key("key", "print");
	assert_err(ERR_OK, buy(&lamp, 1, NULL, &result));
	assert_err(
	    ERR_OK, sweep_claims(&rig.shop, &rig.deadline, rig.now_ms + IDEMPOTENCY_KEPT_MS - 1));
	(void)only_order(&document);
	assert_true(mongo_has(document, "idempotency"));
	assert_err(
	    ERR_OK, sweep_claims(&rig.shop, &rig.deadline, rig.now_ms + IDEMPOTENCY_KEPT_MS + 1));
	(void)only_order(&later);
	assert_false(mongo_has(later, "idempotency"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_a_key_waits_for_its_first_request, rig_empty),
	    cmocka_unit_test_setup(test_after_a_death_the_key_gets_one_order, rig_empty),
	    cmocka_unit_test_setup(test_a_slow_original_sells_nothing_that_was_swept, rig_empty),
	    cmocka_unit_test_setup(
		test_the_sweeper_comes_too_late_for_what_is_confirmed, rig_empty),
	    cmocka_unit_test_setup(
		test_a_late_reservation_of_an_earlier_hold_is_given_back, rig_empty),
	    cmocka_unit_test_setup(test_a_stale_reservation_of_a_pending_order_is_left, rig_empty),
	    cmocka_unit_test_setup(test_a_reservation_of_no_order_is_given_back, rig_empty),
	    cmocka_unit_test_setup(test_a_reservation_is_taken_and_given_back_once, rig_empty),
	    cmocka_unit_test_setup(test_keys_are_forgotten_after_a_day, rig_empty),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

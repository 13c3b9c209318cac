#include <pthread.h>

#include "tests/unit/items/buying.h"

#define RACES 30

struct race {
	struct order_attempt attempts[RACES];
	int64_t confirmed;
	enum err err;
};

/* The slow originals, all at last. */
static void *
confirm_all(void *context)
{
	struct race *race = context;
	struct deadline deadline = deadline_in(&clock_system, 60000);
	const struct pending_event event = rig_event("order.created");
	struct shop shop = {.sold = NULL};
	struct mongo mongo;

	if (mongo_open(rig.pool, &mongo) != ERR_OK)
		return NULL;
	shop_init(&mongo, &shop);
	for (int i = 0; i < RACES; i++) {
		bool confirmed = false;

		race->err = order_store_confirm(
		    &shop.orders, &deadline, &race->attempts[i], NULL, &event, &confirmed);
		race->confirmed += confirmed;
	}
	shop_fini(&shop);
	mongo_close(&mongo);
	return NULL;
}

/* Whichever of the two is first, for each order: it is sold, or its stock is back, never both. */
static void
test_originals_race_with_the_sweeper(void **state)
{
	struct id lamp = rig_lamp(RACES);
	struct race race = {.err = ERR_OK};
	struct sweep_counts counts = {0};
	pthread_t thread;

	(void)state;
	for (int i = 0; i < RACES; i++) {
		struct order *order;

		race.attempts[i] = leave_reserved(&lamp, rig.now_ms - TTL_MS - 1);
		order = race.attempts[i].order;
		order->version++;
		order->total = (struct money){1999, "EUR"};
		assert_err(ERR_OK,
		    order_step_add(
			rig.arena, order, ORDER_CONFIRMED, rig.now_ms, &order->buyer_id));
	}
	assert_int_equal(pthread_create(&thread, NULL, confirm_all, &race), 0);
	assert_err(ERR_OK, sweep_orders(&rig.shop, &rig.deadline, rig.arena, rig.now_ms, &counts));
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_err(ERR_OK, race.err);
	assert_int_equal(race.confirmed + counts.orders_failed, RACES);
	assert_int_equal(rig_orders("confirmed"), race.confirmed);
	assert_int_equal(rig_stock(&lamp), RACES - race.confirmed);
	(void)sweep(rig.now_ms);
	assert_int_equal(rig_reservations(&lamp), 0);
	assert_int_equal(rig_stock(&lamp), RACES - race.confirmed);
}

#define THREADS 8
#define STOCK   50

struct customer {
	pthread_t thread;
	struct id item;
	int64_t bought, refused, other;
};

/* Buys until the item is sold out. */
static void *
shop_till_sold_out(void *context)
{
	struct customer *customer = context;
	struct order_draft_line line = {.item_id = customer->item, .quantity = 1, .pointer = ""};
	const struct order_draft draft = {.lines = &line, .line_count = 1};
	const struct principal buyer = {.user_id = new_id()};
	const struct idempotency no_key = {.key = NULL};
	struct deadline deadline = deadline_in(&clock_system, 60000);
	struct shop shop = {.sold = NULL};
	struct arena *arena = NULL;
	struct mongo mongo;
	struct fault fault;

	if (mongo_open(rig.pool, &mongo) != ERR_OK || arena_new((size_t)4 << 20, &arena) != ERR_OK)
		return NULL;
	shop_init(&mongo, &shop);
	shop.sold = rig.shop.sold;
	shop.reservation_ttl_ms = TTL_MS;
	while (customer->refused + customer->other == 0) {
		const struct purchase_answers answers = {tell_confirmed, tell_refused, arena};
		struct call call = {
		    .arena = arena,
		    .deadline = &deadline,
		    .principal = &buyer,
		    .idempotency = &no_key,
		    .now_ms = clock_now_ms(&clock_system),
		    .fault = &fault,
		};
		struct purchase_result result;
		enum err err;

		fault_init(&fault, arena);
		err = purchase_place(&shop, &call, &draft, &answers, &result);
		customer->bought += err == ERR_OK;
		customer->refused += err == ERR_STOCK;
		customer->other += err != ERR_OK && err != ERR_STOCK;
		arena_reset(arena);
	}
	shop_fini(&shop);
	mongo_close(&mongo);
	arena_free(&arena);
	return NULL;
}

static void
test_many_at_once_buy_what_there_is(void **state)
{
	struct customer customers[THREADS];
	struct id lamp = rig_lamp(STOCK);
	int64_t bought = 0;

	(void)state;
	for (int i = 0; i < THREADS; i++) {
		customers[i] = (struct customer){.item = lamp};
		assert_int_equal(
		    pthread_create(&customers[i].thread, NULL, shop_till_sold_out, &customers[i]),
		    0);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(customers[i].thread, NULL), 0);
		assert_int_equal(customers[i].refused, 1);
		bought += customers[i].bought;
	}
	assert_int_equal(bought, STOCK);
	assert_int_equal(rig_stock(&lamp), 0);
	assert_int_equal(rig_orders("confirmed"), STOCK);
	assert_int_equal(rig_orders("failed"), THREADS);
	assert_int_equal(rig_orders("pending"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_originals_race_with_the_sweeper, rig_empty),
	    cmocka_unit_test_setup(test_many_at_once_buy_what_there_is, rig_empty),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

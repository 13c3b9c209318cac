#include <pthread.h>

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

static enum err
place(const struct order_draft *draft, struct purchase_result *result)
{
	const struct purchase_answers answers = {tell_confirmed, tell_refused, rig.arena};
	const struct call call = rig_call();

	return purchase_place(&rig.shop, &call, draft, &answers, result);
}

static enum err
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

static void
assert_told(const struct purchase_result *result, const char *text)
{
	assert_int_equal(result->answer.body.len, strlen(text));
	assert_memory_equal(result->answer.body.data, text, strlen(text));
}

/* The id of the only order there is. */
static struct id
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
	    reservation_settle(&rig.shop.items, &rig.deadline, &lamp, &holds[0].hold_id, 1));
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
	const struct pending_event event = rig_event("item.deleted");
	struct id lamp = rig_lamp(5);
	struct id nothing = new_id();
	struct purchase_result result;
	struct item item;
	bool archived;

	(void)state;
	rig_key("key", "print");
	assert_err(ERR_NOT_FOUND, buy(&nothing, 1, NULL, &result));
	assert_int_equal(rig_orders(NULL), 0);
	assert_err(ERR_OK, item_store_get(&rig.shop.items, &rig.deadline, rig.arena, &lamp, &item));
	item_archive(&item, rig.now_ms, &item);
	assert_err(
	    ERR_OK, item_store_archive(&rig.shop.items, &rig.deadline, &item, &event, &archived));
	assert_true(archived);
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

/* A first request with the key that has got as far as its reservation, at MADE_MS. */
static struct order_attempt
leave_reserved(const struct id *item, int64_t made_ms)
{
	struct order *order = arena_alloc(rig.arena, sizeof(*order));
	struct order_line *line = arena_alloc(rig.arena, sizeof(*line));
	char *number = arena_alloc(rig.arena, ORDER_NUMBER_SIZE);
	struct order_attempt attempt = {
	    .order = order,
	    .hold_id = new_id(),
	    .expires_at_ms = made_ms + TTL_MS,
	    .idempotency = rig.idempotency.key != NULL ? &rig.idempotency : NULL,
	};
	struct reservation reservation;
	struct reserved reserved;

	assert_true(order != NULL && line != NULL && number != NULL);
	order_number_make(number);
	*line = (struct order_line){.item_id = *item, .quantity = 1};
	*order = (struct order){
	    .id = new_id(),
	    .number = number,
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

static struct sweep_counts
sweep(int64_t now_ms)
{
	struct sweep_counts counts = {0};

	assert_err(ERR_OK, sweep_orders(&rig.shop, &rig.deadline, rig.arena, now_ms, &counts));
	assert_err(ERR_OK, sweep_reservations(&rig.shop, &rig.deadline, now_ms, &counts));
	return counts;
}

static enum err
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
	assert_err(ERR_OK, sweep_reservations(&rig.shop, &rig.deadline, rig.now_ms, &counts));
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
	    cmocka_unit_test_setup(test_a_purchase_sells_and_tells, rig_empty),
	    cmocka_unit_test_setup(test_what_is_not_there_is_not_sold, rig_empty),
	    cmocka_unit_test_setup(test_only_the_expected_price_is_paid, rig_empty),
	    cmocka_unit_test_setup(test_what_is_no_item_leaves_no_order, rig_empty),
	    cmocka_unit_test_setup(test_a_key_buys_once, rig_empty),
	    cmocka_unit_test_setup(test_a_refusal_is_kept, rig_empty),
	    cmocka_unit_test_setup(test_a_key_waits_for_its_first_request, rig_empty),
	    cmocka_unit_test_setup(test_after_a_death_the_key_gets_one_order, rig_empty),
	    cmocka_unit_test_setup(test_a_slow_original_sells_nothing_that_was_swept, rig_empty),
	    cmocka_unit_test_setup(
		test_the_sweeper_comes_too_late_for_what_is_confirmed, rig_empty),
	    cmocka_unit_test_setup(
		test_a_late_reservation_of_an_earlier_hold_is_given_back, rig_empty),
	    cmocka_unit_test_setup(test_a_reservation_of_no_order_is_given_back, rig_empty),
	    cmocka_unit_test_setup(test_a_reservation_is_taken_and_given_back_once, rig_empty),
	    cmocka_unit_test_setup(test_lines_are_sold_together_or_not_at_all, rig_empty),
	    cmocka_unit_test_setup(test_an_order_has_one_currency, rig_empty),
	    cmocka_unit_test_setup(test_keys_are_forgotten_after_a_day, rig_empty),
	    cmocka_unit_test_setup(test_a_stale_reservation_of_a_pending_order_is_left, rig_empty),
	    cmocka_unit_test_setup(test_originals_race_with_the_sweeper, rig_empty),
	    cmocka_unit_test_setup(test_many_at_once_buy_what_there_is, rig_empty),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

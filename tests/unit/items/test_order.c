#include <string.h>

#include "tests/unit/arena_rig.h"

#include "fcgi/items/order.h"
#include "fcgi/items/settle_queue.h"

static struct fault fault;

static int
start(void **state)
{
	int failed = arena_start(state);

	fault_init(&fault, arena);
	return failed;
}

static const struct id buyer = {"018f0000-0000-7000-8000-000000000001"};
static const struct id seller = {"018f0000-0000-7000-8000-000000000002"};
static const struct id other = {"018f0000-0000-7000-8000-000000000003"};
static const struct id lamp = {"018f0000-0000-7000-8000-000000000004"};
static const struct id shade = {"018f0000-0000-7000-8000-000000000005"};

static void
test_statuses_have_texts(void **state)
{
	enum order_status status;

	(void)state;
	for (int i = ORDER_PENDING; i <= ORDER_REFUNDED; i++) {
		assert_err(ERR_OK, order_status_parse(order_status_texts[i], &status));
		assert_int_equal(status, i);
	}
	assert_null(order_status_texts[ORDER_REFUNDED + 1]);
	assert_err(ERR_CORRUPT, order_status_parse("Pending", &status));
}

static void
test_the_least_advanced_line_counts(void **state)
{
	static const struct {
		enum order_status lines[3], order;
	} cases[] = {
	    {{ORDER_CONFIRMED, ORDER_CONFIRMED, ORDER_CONFIRMED}, ORDER_CONFIRMED},
	    {{ORDER_SHIPPED, ORDER_CONFIRMED, ORDER_DELIVERED}, ORDER_CONFIRMED},
	    {{ORDER_SHIPPED, ORDER_DELIVERED, ORDER_DELIVERED}, ORDER_SHIPPED},
	    {{ORDER_DELIVERED, ORDER_REFUNDED, ORDER_CANCELLED}, ORDER_DELIVERED},
	    {{ORDER_CANCELLED, ORDER_CANCELLED, ORDER_CANCELLED}, ORDER_CANCELLED},
	    {{ORDER_CANCELLED, ORDER_REFUNDED, ORDER_CANCELLED}, ORDER_REFUNDED},
	    {{ORDER_REFUNDED, ORDER_REFUNDED, ORDER_REFUNDED}, ORDER_REFUNDED},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct order_line lines[3];

		for (size_t at = 0; at < 3; at++)
			lines[at] = (struct order_line){.status = cases[i].lines[at]};
		assert_int_equal(order_status_of_lines(lines, 3), cases[i].order);
	}
	assert_false(order_was_confirmed(ORDER_PENDING));
	assert_false(order_was_confirmed(ORDER_FAILED));
	assert_true(order_was_confirmed(ORDER_CONFIRMED));
	assert_true(order_was_confirmed(ORDER_REFUNDED));
}

static struct order_line
line_of(const struct id *item, int64_t amount, const char *currency, int64_t quantity)
{
	struct order_line line = {
	    .item_id = *item,
	    .quantity = quantity,
	    .priced = true,
	    .seller_id = seller,
	    .status = ORDER_CONFIRMED,
	    .unit_price = {.amount_minor = amount},
	};

	memcpy(line.unit_price.currency, currency, 4);
	return line;
}

static enum err
total(struct order_line *lines, size_t count, struct order *order)
{
	struct order_draft_line wishes[] = {
	    {.item_id = lamp, .pointer = "/lines/0"},
	    {.item_id = shade, .pointer = "/lines/1"},
	};
	const struct order_draft draft = {.lines = wishes, .line_count = 2};

	*order = (struct order){.lines = lines, .line_count = count};
	return order_total(order, &draft, &fault);
}

static void
test_totals(void **state)
{
	struct order_line lines[] = {
	    line_of(&lamp, 1999, "EUR", 3), line_of(&shade, 1, "EUR", 1000)};
	struct order order;

	(void)state;
	assert_err(ERR_OK, total(lines, 2, &order));
	assert_int_equal(lines[0].total.amount_minor, 5997);
	assert_int_equal(order.total.amount_minor, 6997);
	assert_string_equal(order.total.currency, "EUR");
	assert_true(order.has_total);
}

static void
test_totals_have_a_bound(void **state)
{
	struct order_line lines[] = {
	    line_of(&lamp, MONEY_AMOUNT_MAX, "EUR", 1), line_of(&shade, 1, "EUR", 1)};
	struct order order;

	(void)state;
	assert_err(ERR_OK, total(lines, 1, &order));
	assert_err(ERR_VALIDATION, total(lines, 2, &order));
	assert_string_equal(fault.first->where, "/lines/1/quantity");
	assert_int_equal(fault.first->code, FIELD_OUT_OF_RANGE);
	lines[0].quantity = 2;
	fault_init(&fault, arena);
	assert_err(ERR_VALIDATION, total(lines, 1, &order));
	assert_string_equal(fault.first->where, "/lines/0/quantity");
}

static void
test_one_currency(void **state)
{
	struct order_line lines[] = {line_of(&lamp, 1, "EUR", 1), line_of(&shade, 1, "USD", 1)};
	struct order order;

	(void)state;
	assert_err(ERR_VALIDATION, total(lines, 2, &order));
	assert_string_equal(fault.first->where, "/lines/1/item_id");
	assert_int_equal(fault.first->code, FIELD_NOT_ALLOWED);
	assert_int_equal(fault.field_count, 1);
}

static void
test_history_grows(void **state)
{
	struct order order = {.updated_at_ms = 5};

	(void)state;
	assert_err(ERR_OK, order_step_add(arena, &order, ORDER_PENDING, 10, &buyer));
	assert_err(ERR_OK, order_step_add(arena, &order, ORDER_FAILED, 9, NULL));
	assert_int_equal(order.history_count, 2);
	assert_int_equal(order.status, ORDER_FAILED);
	assert_int_equal(order.updated_at_ms, 10); /* a clock behind turns nothing back */
	assert_true(order.history[0].has_by);
	assert_false(order.history[1].has_by);
}

static void
test_what_each_may_see(void **state)
{
	struct order_line lines[] = {line_of(&lamp, 100, "EUR", 1), line_of(&shade, 5, "EUR", 1)};
	struct principal who = {.user_id = buyer};
	struct order order;
	struct order view;
	char etag[ORDER_ETAG_SIZE];
	char part[ORDER_ETAG_SIZE];
	bool whole;

	(void)state;
	assert_err(ERR_OK, total(lines, 2, &order));
	order.buyer_id = buyer;
	order.status = ORDER_CONFIRMED;
	order.version = 2;
	lines[1].seller_id = other;
	lines[1].status = ORDER_SHIPPED;
	assert_err(ERR_OK, order_view(arena, &order, &who, &view, &whole));
	assert_true(whole);
	assert_int_equal(view.line_count, 2);
	order_etag(&view, whole, etag);
	who.user_id = other;
	assert_err(ERR_OK, order_view(arena, &order, &who, &view, &whole));
	assert_false(whole);
	assert_int_equal(view.line_count, 1);
	assert_int_equal(view.total.amount_minor, 5);
	assert_int_equal(view.status, ORDER_SHIPPED);
	assert_int_equal(order.line_count, 2);
	order_etag(&view, whole, part);
	assert_string_not_equal(etag, part);
	who.user_id = lamp; /* nobody */
	assert_err(ERR_NOT_FOUND, order_view(arena, &order, &who, &view, &whole));
	who.roles = ROLE_ADMIN;
	assert_err(ERR_OK, order_view(arena, &order, &who, &view, &whole));
	assert_true(whole);
	/* Nobody was sold anything by an order that failed. */
	who = (struct principal){.user_id = other};
	order.status = ORDER_FAILED;
	assert_err(ERR_NOT_FOUND, order_view(arena, &order, &who, &view, &whole));
}

static void
test_sold_holds_wait_by_item(void **state)
{
	struct sold_hold out[8];
	struct settle_queue *queue = NULL;

	(void)state;
	assert_err(ERR_OK, settle_queue_new(3, &queue));
	assert_int_equal(settle_queue_take(queue, 0, 0, out, 8), 0);
	settle_queue_put(queue, &(struct sold_hold){shade, buyer});
	settle_queue_put(queue, &(struct sold_hold){lamp, buyer});
	settle_queue_put(queue, &(struct sold_hold){shade, other});
	settle_queue_put(queue, &(struct sold_hold){shade, seller}); /* no room */
	assert_int_equal(settle_queue_dropped(queue), 1);
	assert_int_equal(settle_queue_take(queue, 60000, 60000, out, 2), 2);
	assert_true(id_equal(&out[0].item_id, &lamp));
	assert_int_equal(settle_queue_take(queue, 60000, 0, out, 8), 1);
	assert_true(id_equal(&out[0].hold_id, &other));
	settle_queue_put(queue, &(struct sold_hold){lamp, buyer});
	settle_queue_close(queue);
	assert_int_equal(settle_queue_take(queue, 60000, 60000, out, 8), 1);
	assert_int_equal(settle_queue_take(queue, 60000, 60000, out, 8), 0);
	settle_queue_free(&queue);
	settle_queue_free(&queue);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_statuses_have_texts, start, arena_end),
	    cmocka_unit_test_setup_teardown(test_the_least_advanced_line_counts, start, arena_end),
	    cmocka_unit_test_setup_teardown(test_totals, start, arena_end),
	    cmocka_unit_test_setup_teardown(test_totals_have_a_bound, start, arena_end),
	    cmocka_unit_test_setup_teardown(test_one_currency, start, arena_end),
	    cmocka_unit_test_setup_teardown(test_history_grows, start, arena_end),
	    cmocka_unit_test_setup_teardown(test_what_each_may_see, start, arena_end),
	    cmocka_unit_test_setup_teardown(test_sold_holds_wait_by_item, start, arena_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

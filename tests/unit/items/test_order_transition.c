#include <string.h>

#include "tests/unit/arena_rig.h"

#include "fcgi/items/order_transition.h"

static struct fault fault;

static int
start(void **state)
{
	int failed = arena_start(state);

	fault_init(&fault, arena);
	return failed;
}

static const struct principal buyer = {.user_id = {"018f0000-0000-7000-8000-000000000001"}};
static const struct principal ann = {.user_id = {"018f0000-0000-7000-8000-000000000002"}};
static const struct principal bob = {.user_id = {"018f0000-0000-7000-8000-000000000003"}};
static const struct principal nobody = {.user_id = {"018f0000-0000-7000-8000-000000000004"}};
static const struct principal admin = {
    .user_id = {"018f0000-0000-7000-8000-000000000005"}, .roles = ROLE_ADMIN};

/* Two lines of ann's and one of bob's, in the statuses given. */
static struct order
order_in(enum order_status first, enum order_status second, enum order_status of_bob)
{
	const enum order_status statuses[] = {first, second, of_bob};
	struct order_line *lines = arena_array(arena, 3, sizeof(*lines));
	struct order order = {.lines = lines, .line_count = 3, .version = 4};

	assert_non_null(lines);
	for (size_t i = 0; i < 3; i++) {
		lines[i] = (struct order_line){
		    .item_id = {"018f0000-0000-7000-8000-000000000010"},
		    .quantity = 1,
		    .priced = true,
		    .seller_id = i < 2 ? ann.user_id : bob.user_id,
		    .unit_price = {100, "EUR"},
		    .total = {100, "EUR"},
		    .status = statuses[i],
		};
		lines[i].item_id.text[35] = (char)('0' + i);
	}
	order.buyer_id = buyer.user_id;
	order.status = order_status_of_lines(lines, 3);
	order.total = (struct money){300, "EUR"};
	order.has_total = true;
	return order;
}

static enum err
move(const struct order *order, enum order_move kind, const struct principal *who,
    struct order_transition *out)
{
	const struct order_wish wish = {.move = kind, .tracking = "T-1"};

	return order_transition_make(arena, order, &wish, who, 1000, &fault, out);
}

static void
test_each_takes_their_own_steps(void **state)
{
	static const struct {
		enum order_move move;
		const struct principal *who;
		enum err err;
		uint64_t lines;
	} cases[] = {
	    {ORDER_CANCEL, &buyer, ERR_OK, 7},
	    {ORDER_CANCEL, &ann, ERR_FORBIDDEN, 0},
	    {ORDER_CANCEL, &admin, ERR_FORBIDDEN, 0},
	    {ORDER_CANCEL, &nobody, ERR_NOT_FOUND, 0},
	    {ORDER_SHIP, &ann, ERR_OK, 3},
	    {ORDER_SHIP, &bob, ERR_OK, 4},
	    {ORDER_SHIP, &admin, ERR_OK, 7},
	    {ORDER_SHIP, &buyer, ERR_FORBIDDEN, 0},
	    {ORDER_SHIP, &nobody, ERR_NOT_FOUND, 0},
	    {ORDER_DELIVER, &ann, ERR_TRANSITION, 0},
	    {ORDER_DELIVER, &buyer, ERR_FORBIDDEN, 0},
	    {ORDER_REFUND, &bob, ERR_OK, 4},
	    {ORDER_REFUND, &buyer, ERR_FORBIDDEN, 0},
	    {ORDER_REFUND, &nobody, ERR_NOT_FOUND, 0},
	};
	const struct order order = order_in(ORDER_CONFIRMED, ORDER_CONFIRMED, ORDER_CONFIRMED);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct order_transition transition = {.lines = 0};

		assert_err(cases[i].err, move(&order, cases[i].move, cases[i].who, &transition));
		assert_int_equal(transition.lines, cases[i].lines);
	}
	/* What was derived from it left the order itself alone. */
	assert_int_equal(order.lines[0].status, ORDER_CONFIRMED);
	assert_int_equal(order.history_count, 0);
}

/* Each status against each step, for a single line. */
static void
test_from_where_to_where(void **state)
{
	static const struct {
		enum order_move move;
		const struct principal *who;
		enum order_status to;
		unsigned from;
	} cases[] = {
	    {ORDER_CANCEL, &buyer, ORDER_CANCELLED, 1u << ORDER_CONFIRMED},
	    {ORDER_SHIP, &ann, ORDER_SHIPPED, 1u << ORDER_CONFIRMED},
	    {ORDER_DELIVER, &ann, ORDER_DELIVERED, 1u << ORDER_SHIPPED},
	    {ORDER_REFUND, &ann, ORDER_REFUNDED,
		1u << ORDER_CONFIRMED | 1u << ORDER_SHIPPED | 1u << ORDER_DELIVERED},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (int from = ORDER_CONFIRMED; from <= ORDER_REFUNDED; from++) {
			struct order order = order_in(
			    (enum order_status)from, (enum order_status)from, ORDER_REFUNDED);
			struct order_transition transition;
			bool allowed = (cases[i].from >> from & 1) != 0;

			order.line_count = 1;
			assert_err(allowed ? ERR_OK : ERR_TRANSITION,
			    move(&order, cases[i].move, cases[i].who, &transition));
			if (allowed)
				assert_int_equal(transition.order.status, cases[i].to);
		}
}

static void
test_undecided_orders_take_no_step(void **state)
{
	struct order order = order_in(ORDER_PENDING, ORDER_PENDING, ORDER_PENDING);
	struct order_transition transition;

	(void)state;
	assert_err(ERR_TRANSITION, move(&order, ORDER_CANCEL, &buyer, &transition));
	assert_err(ERR_TRANSITION, move(&order, ORDER_SHIP, &admin, &transition));
	assert_err(ERR_NOT_FOUND, move(&order, ORDER_SHIP, &ann, &transition));
	order = order_in(ORDER_FAILED, ORDER_FAILED, ORDER_FAILED);
	assert_err(ERR_TRANSITION, move(&order, ORDER_CANCEL, &buyer, &transition));
}

static void
test_a_cancellation_is_of_all_or_none(void **state)
{
	struct order order = order_in(ORDER_CONFIRMED, ORDER_CONFIRMED, ORDER_SHIPPED);
	struct order_transition transition;

	(void)state;
	assert_err(ERR_TRANSITION, move(&order, ORDER_CANCEL, &buyer, &transition));
	assert_string_equal(fault.detail,
	    "An order can be cancelled while all of its lines are confirmed; this is shipped.");
	order = order_in(ORDER_CONFIRMED, ORDER_CONFIRMED, ORDER_REFUNDED);
	assert_err(ERR_TRANSITION, move(&order, ORDER_CANCEL, &buyer, &transition));
	order = order_in(ORDER_CONFIRMED, ORDER_CONFIRMED, ORDER_CONFIRMED);
	assert_err(ERR_OK, move(&order, ORDER_CANCEL, &buyer, &transition));
	assert_int_equal(transition.order.status, ORDER_CANCELLED);
	assert_int_equal(transition.returns, 7);
	assert_string_equal(transition.event_type, "order.cancelled");
	assert_int_equal(transition.order.history[0].lines, 0); /* all */
}

static void
test_a_part_moves_and_says_so(void **state)
{
	struct order order = order_in(ORDER_CONFIRMED, ORDER_REFUNDED, ORDER_CONFIRMED);
	struct order_transition transition;
	struct order view;
	bool whole;

	(void)state;
	assert_err(ERR_OK, move(&order, ORDER_SHIP, &ann, &transition));
	assert_int_equal(transition.lines, 1);
	assert_int_equal(transition.order.status, ORDER_CONFIRMED); /* bob's is not shipped */
	assert_int_equal(transition.order.version, 5);
	assert_string_equal(transition.order.lines[0].tracking, "T-1");
	assert_null(transition.order.lines[2].tracking);
	assert_int_equal(transition.order.history_count, 1);
	assert_int_equal(transition.order.history[0].status, ORDER_SHIPPED);
	assert_int_equal(transition.order.history[0].lines, 1);
	/* It is no business of bob's. */
	assert_err(ERR_OK, order_view(arena, &transition.order, &bob, &view, &whole));
	assert_int_equal(view.history_count, 0);
	assert_int_equal(view.status, ORDER_CONFIRMED);
	assert_err(ERR_OK, order_view(arena, &transition.order, &ann, &view, &whole));
	assert_int_equal(view.history_count, 1);
	assert_int_equal(view.status, ORDER_SHIPPED);
}

static void
test_what_a_refund_gives_back(void **state)
{
	struct order order = order_in(ORDER_CONFIRMED, ORDER_SHIPPED, ORDER_DELIVERED);
	struct order_wish wish = {.move = ORDER_REFUND};
	struct order_transition transition;

	(void)state;
	assert_err(
	    ERR_OK, order_transition_make(arena, &order, &wish, &admin, 9, &fault, &transition));
	assert_int_equal(transition.lines, 7);
	assert_int_equal(transition.returns, 1); /* what was not shipped */
	assert_int_equal(transition.order.status, ORDER_REFUNDED);
	assert_true(transition.order.lines[0].returned);
	assert_false(transition.order.lines[1].returned);
	wish.restock = true;
	assert_err(
	    ERR_OK, order_transition_make(arena, &order, &wish, &admin, 9, &fault, &transition));
	assert_int_equal(transition.returns, 7);
	/* What went back before does not go back again. */
	order = transition.order;
	order.lines[2].status = ORDER_DELIVERED;
	order.lines[2].returned = false;
	assert_err(
	    ERR_OK, order_transition_make(arena, &order, &wish, &bob, 9, &fault, &transition));
	assert_int_equal(transition.returns, 4);
}

static void
test_a_step_is_known_again(void **state)
{
	struct order order = order_in(ORDER_CONFIRMED, ORDER_CONFIRMED, ORDER_CONFIRMED);
	struct order_transition mine;
	struct order_transition other;

	(void)state;
	assert_err(ERR_OK, move(&order, ORDER_SHIP, &ann, &mine));
	assert_false(order_transition_is_in(&mine, &order));
	assert_true(order_transition_is_in(&mine, &mine.order));
	assert_err(ERR_OK, move(&mine.order, ORDER_SHIP, &bob, &other));
	assert_true(order_transition_is_in(&mine, &other.order));
	assert_err(ERR_OK, move(&order, ORDER_SHIP, &bob, &other));
	assert_false(order_transition_is_in(&mine, &other.order));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_each_takes_their_own_steps, start, arena_end),
	    cmocka_unit_test_setup_teardown(test_from_where_to_where, start, arena_end),
	    cmocka_unit_test_setup_teardown(test_undecided_orders_take_no_step, start, arena_end),
	    cmocka_unit_test_setup_teardown(
		test_a_cancellation_is_of_all_or_none, start, arena_end),
	    cmocka_unit_test_setup_teardown(test_a_part_moves_and_says_so, start, arena_end),
	    cmocka_unit_test_setup_teardown(test_what_a_refund_gives_back, start, arena_end),
	    cmocka_unit_test_setup_teardown(test_a_step_is_known_again, start, arena_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

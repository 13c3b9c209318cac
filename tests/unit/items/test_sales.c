#include "tests/unit/items/buying.h"

#include "fcgi/items/order_document.h"
#include "fcgi/items/order_flow.h"
#include "fcgi/items/order_query.h"
#include "fcgi/items/sales_store.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

static int64_t
at(const char *text)
{
	int64_t ms;

	assert_err(ERR_OK, time_parse(text, &ms));
	return ms;
}

static void
assert_starts(enum sales_interval interval, const char *time, const char *start)
{
	char text[TIME_TEXT_SIZE];

	time_format(sales_interval_start_ms(interval, at(time)), text);
	assert_memory_equal(text, start, 10);
	assert_string_equal(text + 10, "T00:00:00.000Z");
}

static void
test_intervals_begin_in_utc(void **state)
{
	(void)state;
	assert_starts(SALES_BY_DAY, "2026-03-01T00:00:00Z", "2026-03-01");
	assert_starts(SALES_BY_DAY, "2026-03-01T00:30:00+01:00", "2026-02-28");
	assert_starts(SALES_BY_DAY, "1969-12-31T23:59:59Z", "1969-12-31");
	/* ISO 8601: Monday is the first day, also across years. */
	assert_starts(SALES_BY_WEEK, "2026-01-04T23:59:59.999Z", "2025-12-29");
	assert_starts(SALES_BY_WEEK, "2026-01-05T00:00:00Z", "2026-01-05");
	assert_starts(SALES_BY_WEEK, "1970-01-01T00:00:00Z", "1969-12-29");
	assert_starts(SALES_BY_MONTH, "2024-02-29T12:00:00Z", "2024-02-01");
	assert_starts(SALES_BY_MONTH, "1969-12-31T23:59:59.5Z", "1969-12-01");
}

static void
test_days_add_up(void **state)
{
	struct sales sales = {.arena = rig.arena, .interval = SALES_BY_WEEK};

	(void)state;
	for (int day = 0; day < 700; day++) { /* hundred weeks */
		const int64_t from_ms = at("2024-01-01") + day * DAY_MS;

		assert_err(ERR_OK, sales_add(&sales, &(struct sales_row){from_ms, "USD", 1, 2, 3}));
		assert_err(
		    ERR_OK, sales_add(&sales, &(struct sales_row){from_ms, "EUR", 10, 1, 1}));
	}
	sales_sort(&sales);
	assert_int_equal(sales.count, 200);
	assert_string_equal(sales.rows[0].currency, "EUR");
	assert_int_equal(sales.rows[0].revenue_minor, 70);
	assert_int_equal(sales.rows[199].units, 14);
	assert_int_equal(sales.rows[199].orders, 21);
	assert_err(ERR_CORRUPT,
	    sales_add(&sales, &(struct sales_row){at("2025-11-30"), "USD", INT64_MAX, 0, 0}));
}

/* A lamp of 19.99 EUR of the seller's; its id. */
static struct id
lamp_of(const struct id *seller, const char *currency)
{
	struct id lamp = rig_lamp(50);
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(lamp.text));
	auto_bson bson_t *update = BCON_NEW("$set", "{", "seller_id", BCON_UTF8(seller->text),
	    "price.currency", BCON_UTF8(currency), "}");
	bool matched;

	assert_err(ERR_OK,
	    mongo_update_one(rig.shop.items.items, &rig.deadline, filter, update, &matched));
	return lamp;
}

static struct id
sell(const struct id *item, const struct id *other, int64_t quantity, int64_t at_ms)
{
	struct order_draft_line lines[] = {
	    {.item_id = *item, .quantity = quantity, .pointer = ""},
	    {.item_id = *item, .quantity = 1, .pointer = ""},
	};
	const struct order_draft draft = {.lines = lines, .line_count = other != NULL ? 2 : 1};
	struct purchase_result result;
	struct id id;

	rig.now_ms = at_ms;
	if (other != NULL)
		lines[1].item_id = *other;
	assert_err(ERR_OK, place(&draft, &result));
	/* {"id":"…"} */
	memcpy(id.text, result.answer.body.data + 7, ID_LEN);
	id.text[ID_LEN] = '\0';
	return id;
}

static void
move(const struct id *order, enum order_move kind)
{
	const struct order_wish wish = {.move = kind};
	const struct call call = rig_call();
	struct order after;

	rig.buyer.roles = ROLE_ADMIN;
	assert_err(ERR_OK, order_flow_move(&rig.shop, &call, order, &wish, &after));
	rig.buyer.roles = ROLE_CUSTOMER;
}

static const char *
summed(const struct id *seller, const char *from, const char *to, enum sales_interval interval)
{
	struct sales sales = {.arena = rig.arena, .interval = interval};
	const struct sales_filter filter = {*seller, at(from), at(to)};
	const char *text = "";

	assert_err(ERR_OK, sales_store_sum(&rig.shop.orders, &rig.deadline, &filter, &sales));
	for (size_t i = 0; i < sales.count; i++) {
		const struct sales_row *row = &sales.rows[i];
		char from_text[TIME_TEXT_SIZE];

		time_format(row->from_ms, from_text);
		text = arena_printf(rig.arena, "%s%.10s %s %lld %lld %lld;", text, from_text,
		    row->currency, (long long)row->revenue_minor, (long long)row->units,
		    (long long)row->orders);
	}
	return text;
}

static void
test_sales_are_the_sellers_own(void **state)
{
	const struct id ann = new_id();
	const struct id bob = new_id();
	const struct id lamp = lamp_of(&ann, "EUR");
	const struct id shade = lamp_of(&ann, "EUR");
	const struct id mirror = lamp_of(&ann, "JPY");
	const struct id book = lamp_of(&bob, "EUR");
	struct id gone;

	(void)state;
	(void)sell(&lamp, &shade, 2, at("2026-01-04T23:59:59.999Z"));
	(void)sell(&lamp, &book, 1, at("2026-01-05T00:00:00Z"));
	(void)sell(&mirror, NULL, 3, at("2026-01-05T10:00:00Z"));
	gone = sell(&lamp, NULL, 9, at("2026-01-05T11:00:00Z"));
	move(&gone, ORDER_CANCEL);
	gone = sell(&lamp, NULL, 1, at("2026-02-01T00:00:00Z"));
	move(&gone, ORDER_SHIP);
	gone = sell(&lamp, NULL, 9, at("2026-02-01T00:00:00Z"));
	move(&gone, ORDER_REFUND);
	assert_string_equal(summed(&ann, "2026-01-01", "2026-03-01", SALES_BY_DAY),
	    "2026-01-04 EUR 5997 3 1;2026-01-05 EUR 1999 1 1;2026-01-05 JPY 5997 3 1;"
	    "2026-02-01 EUR 1999 1 1;");
	assert_string_equal(summed(&ann, "2026-01-01", "2026-03-01", SALES_BY_WEEK),
	    "2025-12-29 EUR 5997 3 1;2026-01-05 EUR 1999 1 1;2026-01-05 JPY 5997 3 1;"
	    "2026-01-26 EUR 1999 1 1;");
	assert_string_equal(summed(&ann, "2026-01-01", "2026-03-01", SALES_BY_MONTH),
	    "2026-01-01 EUR 7996 4 2;2026-01-01 JPY 5997 3 1;2026-02-01 EUR 1999 1 1;");
	assert_string_equal(
	    summed(&bob, "2026-01-01", "2026-03-01", SALES_BY_MONTH), "2026-01-01 EUR 1999 1 1;");
	/* From that moment on, and before that one. */
	assert_string_equal(summed(&ann, "2026-01-05", "2026-02-01", SALES_BY_MONTH),
	    "2026-01-01 EUR 1999 1 1;2026-01-01 JPY 5997 3 1;");
	assert_string_equal(summed(&rig.buyer.user_id, "2026-01-01", "2026-03-01", 0), "");
}

static enum err
count_order(void *context, const struct order *order, const struct page_key *key, bool *stop)
{
	int *count = context;

	(void)order;
	(void)key;
	*stop = false;
	(*count)++;
	return ERR_OK;
}

static int
listed(bool sales, const struct id *account, int status)
{
	const struct order_filter filter = {
	    .sales = sales,
	    .account_id = *account,
	    .has_status = status >= 0,
	    .status = (enum order_status)status,
	};
	const struct page page = {.limit = 100};
	int count = 0;

	assert_err(ERR_OK,
	    order_query_run(
		&rig.shop.orders, &rig.deadline, rig.arena, &filter, &page, count_order, &count));
	return count;
}

/* In a seller's list an order is as the seller's lines are. */
static void
test_sales_by_the_status_of_ones_own_lines(void **state)
{
	const struct order_wish ship = {.move = ORDER_SHIP};
	const struct id ann = new_id();
	const struct id bob = new_id();
	const struct id lamp = lamp_of(&ann, "EUR");
	const struct id book = lamp_of(&bob, "EUR");
	const struct id buyer = rig.buyer.user_id;
	const struct id order = sell(&lamp, &book, 2, rig.now_ms);
	struct purchase_result result;
	struct order after;
	struct call call;

	(void)state;
	assert_err(ERR_STOCK, buy(&lamp, 100, NULL, &result));
	assert_int_equal(listed(false, &buyer, -1), 1);
	assert_int_equal(listed(false, &buyer, ORDER_FAILED), 1);
	assert_int_equal(listed(true, &ann, -1), 1);
	assert_int_equal(listed(true, &ann, ORDER_FAILED), 0);
	rig.buyer.user_id = ann;
	call = rig_call();
	assert_err(ERR_OK, order_flow_move(&rig.shop, &call, &order, &ship, &after));
	assert_int_equal(listed(true, &ann, ORDER_SHIPPED), 1);
	assert_int_equal(listed(true, &ann, ORDER_CONFIRMED), 0);
	assert_int_equal(listed(true, &bob, ORDER_CONFIRMED), 1);
	assert_int_equal(listed(false, &buyer, ORDER_CONFIRMED), 1);
	assert_int_equal(listed(true, &buyer, -1), 0);
	assert_int_equal(listed(false, &ann, -1), 0);
}

static bool
has_explainer(void)
{
	/* secantusd-py sorts where MongoDB would not. */
	return system("command -v mongod >/dev/null || command -v secantusd-rs >/dev/null") == 0;
}

/* The plan of COMMAND is a walk of INDEX, with no look at anything else and nothing sorted. */
static void
assert_walks(const bson_t *command, const char *index, bool sorted)
{
	auto_bson bson_t *explain =
	    BCON_NEW("explain", BCON_DOCUMENT(command), "verbosity", "queryPlanner");
	bson_error_t error;
	bson_t reply;
	char *rejected;
	char *plan;

	assert_true(
	    mongoc_database_command_simple(rig.mongo.database, explain, NULL, &reply, &error));
	plan = bson_as_relaxed_extended_json(&reply, NULL);
	rejected = strstr(plan, "rejectedPlans");
	if (rejected != NULL)
		*rejected = '\0';
	assert_non_null(strstr(plan, "IXSCAN"));
	assert_null(strstr(plan, "COLLSCAN"));
	assert_non_null(strstr(plan, index));
	if (sorted)
		assert_null(strstr(plan, "\"SORT\""));
	bson_free(plan);
	bson_destroy(&reply);
}

static void
test_lists_and_sums_are_served_by_an_index(void **state)
{
	const struct sales_filter sales = {new_id(), 0, 1};
	auto_bson bson_t *pipeline = sales_pipeline_new(&sales);
	auto_bson bson_t *aggregate = BCON_NEW("aggregate", BCON_UTF8(ORDERS_COLLECTION),
	    "pipeline", BCON_ARRAY(pipeline), "cursor", "{", "}");

	(void)state;
	if (!has_explainer()) { /* a skipped test of cmocka's is "not ok" to prove */
		print_message("this server explains nothing\n");
		return;
	}
	assert_walks(aggregate, "of_seller", false);
	for (int i = 0; i < 8; i++) {
		const struct order_filter filter = {
		    .sales = (i & 1) != 0,
		    .account_id = new_id(),
		    .has_status = (i & 2) != 0,
		    .status = ORDER_SHIPPED,
		};
		const struct page page = {
		    .limit = 20,
		    .has_after = (i & 4) != 0,
		    .after_number = 1000,
		    .after_id = new_id(),
		};
		auto_bson bson_t *query = NULL;
		auto_bson bson_t *sort = NULL;
		auto_bson bson_t *find = NULL;

		assert_err(ERR_OK, order_query_build(&filter, &page, &query, &sort));
		find = BCON_NEW("find", BCON_UTF8(ORDERS_COLLECTION), "filter",
		    BCON_DOCUMENT(query), "sort", BCON_DOCUMENT(sort), "limit", BCON_INT32(21));
		assert_walks(find,
		    filter.sales            ? "of_seller"
			: filter.has_status ? "of_buyer_by_status"
					    : "of_buyer_listed",
		    true);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_intervals_begin_in_utc),
	    cmocka_unit_test_setup(test_days_add_up, rig_empty),
	    cmocka_unit_test_setup(test_sales_are_the_sellers_own, rig_empty),
	    cmocka_unit_test_setup(test_sales_by_the_status_of_ones_own_lines, rig_empty),
	    cmocka_unit_test_setup(test_lists_and_sums_are_served_by_an_index, rig_empty),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

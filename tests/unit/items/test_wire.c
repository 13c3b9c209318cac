#include <string.h>

#include "tests/unit/arena_rig.h"

#include "fcgi/items/item_wire.h"
#include "fcgi/items/order_wire.h"

static struct fault fault;
static struct buf buf;

static int
start(void **state)
{
	int failed = arena_start(state);

	buf_init(&buf, (size_t)1 << 20);
	fault_init(&fault, arena);
	return failed;
}

static int
end(void **state)
{
	buf_fini(&buf);
	return arena_end(state);
}

static const struct id one = {"018f0000-0000-7000-8000-000000000001"};
static const struct id two = {"018f0000-0000-7000-8000-000000000002"};
static const struct id three = {"018f0000-0000-7000-8000-000000000003"};

static struct span
span(const char *text)
{
	return span_of(text, strlen(text));
}

static enum err
read_item(const char *body, bool need_stock, struct item_draft *out)
{
	return item_draft_read(arena, span(body), need_stock, &fault, out);
}

static void
test_the_least_item(void **state)
{
	struct item_draft draft;

	(void)state;
	assert_err(ERR_OK,
	    read_item("{\"name\":\"Lamp\",\"price\":{\"amount\":0,\"currency\":\"EUR\"},"
		      "\"stock\":1000000000}",
		true, &draft));
	assert_string_equal(draft.name, "Lamp");
	assert_string_equal(draft.description, "");
	assert_int_equal(draft.stock, 1000000000);
	assert_null(draft.category);
	assert_int_equal(draft.tag_count, 0);
	assert_int_equal(draft.attribute_count, 0);
}

static void
test_stock_may_be_left_out_of_a_replacement(void **state)
{
	static const char body[] =
	    "{\"name\":\"Lamp\",\"price\":{\"amount\":1,\"currency\":\"EUR\"}}";
	struct item_draft draft;

	(void)state;
	assert_err(ERR_OK, read_item(body, false, &draft));
	assert_false(draft.has_stock);
	assert_err(ERR_VALIDATION, read_item(body, true, &draft));
	assert_int_equal(fault.field_count, 1);
	assert_string_equal(fault.first->where, "/stock");
	assert_int_equal(fault.first->code, FIELD_REQUIRED);
}

static void
test_every_fault_is_told(void **state)
{
	static const struct {
		const char *where;
		enum field_code code;
	} wanted[] = {
	    {"/name", FIELD_TOO_SHORT},
	    {"/price/amount", FIELD_OUT_OF_RANGE},
	    {"/stock", FIELD_OUT_OF_RANGE},
	    {"/category", FIELD_BAD_FORMAT},
	    {"/tags/1", FIELD_DUPLICATE},
	    {"/attributes/a", FIELD_WRONG_TYPE},
	    {"/version", FIELD_UNKNOWN},
	};
	const struct field_fault *field;
	struct item_draft draft;

	(void)state;
	assert_err(ERR_VALIDATION,
	    read_item("{\"name\":\"\",\"price\":{\"amount\":1000000000001,\"currency\":\"EUR\"},"
		      "\"stock\":1000000001,\"category\":\"A\",\"tags\":[\"x\",\"x\"],"
		      "\"attributes\":{\"a\":1},\"version\":3}",
		true, &draft));
	field = fault.first;
	for (size_t i = 0; i < COUNT_OF(wanted); i++) {
		assert_non_null(field);
		assert_string_equal(field->where, wanted[i].where);
		assert_int_equal(field->code, wanted[i].code);
		field = field->next;
	}
	assert_null(field);
}

static void
test_an_item_is_shown_member_by_member(void **state)
{
	static const char *const tags[] = {"a", "b"};
	static const struct text_pair attributes[] = {{"$where", "a.b"}};
	const struct item item = {
	    .id = one,
	    .seller_id = two,
	    .name = "Lamp",
	    .description = "d",
	    .price = {1999, "EUR"},
	    .stock = 7,
	    .category = "books",
	    .tags = tags,
	    .tag_count = 2,
	    .attributes = attributes,
	    .attribute_count = 1,
	    .version = 3,
	    .created_at_ms = 0,
	    .updated_at_ms = 1,
	};
	struct json_writer w;

	(void)state;
	json_writer_init(&w, &buf);
	item_write(&w, NULL, &item);
	assert_string_equal(buf.data,
	    "{\"id\":\"018f0000-0000-7000-8000-000000000001\","
	    "\"seller_id\":\"018f0000-0000-7000-8000-000000000002\",\"name\":\"Lamp\","
	    "\"description\":\"d\",\"price\":{\"amount\":1999,\"currency\":\"EUR\"},\"stock\":7,"
	    "\"category\":\"books\",\"tags\":[\"a\",\"b\"],\"attributes\":{\"$where\":\"a.b\"},"
	    "\"image_url\":null,\"status\":\"active\",\"version\":3,"
	    "\"created_at\":\"1970-01-01T00:00:00.000Z\","
	    "\"updated_at\":\"1970-01-01T00:00:00.001Z\"}");
}

static void
test_buying_needs_no_body(void **state)
{
	struct order_draft draft;

	(void)state;
	assert_err(ERR_OK, order_draft_read_buy(arena, &one, span(""), &fault, &draft));
	assert_int_equal(draft.line_count, 1);
	assert_int_equal(draft.lines[0].quantity, 1);
	assert_false(draft.lines[0].has_expected);
	assert_true(id_equal(&draft.lines[0].item_id, &one));
}

static void
test_what_a_buyer_may_say(void **state)
{
	static const char *const bad[] = {"{\"quantity\":0}", "{\"quantity\":1001}",
	    "{\"quantity\":-1}", "{\"quantity\":\"1\"}", "{\"quantity\":1.5}", "{\"price\":1}",
	    "{\"expected_price\":5}", "[]"};
	struct order_draft draft;

	(void)state;
	assert_err(ERR_OK,
	    order_draft_read_buy(arena, &one,
		span("{\"quantity\":1000,\"expected_price\":{\"amount\":5,\"currency\":\"JPY\"}}"),
		&fault, &draft));
	assert_int_equal(draft.lines[0].quantity, 1000);
	assert_true(draft.lines[0].has_expected);
	assert_int_equal(draft.lines[0].expected_price.amount_minor, 5);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		fault_init(&fault, arena);
		assert_err(ERR_VALIDATION,
		    order_draft_read_buy(arena, &one, span(bad[i]), &fault, &draft));
	}
}

#define LINE(id, more) "{\"item_id\":\"018f0000-0000-7000-8000-00000000000" id "\"" more "}"

static void
test_an_order_has_lines(void **state)
{
	struct order_draft draft;

	(void)state;
	assert_err(ERR_OK,
	    order_draft_read(arena,
		span("{\"lines\":[" LINE("2", ",\"quantity\":3") "," LINE("1",
		    ",\"quantity\":1,\"expected_price\":{\"amount\":5,\"currency\":\"JPY\"}") "]}"),
		&fault, &draft));
	assert_int_equal(draft.line_count, 2);
	assert_true(id_equal(&draft.lines[0].item_id, &two));
	assert_int_equal(draft.lines[0].quantity, 3);
	assert_false(draft.lines[0].has_expected);
	assert_int_equal(draft.lines[1].expected_price.amount_minor, 5);
	assert_string_equal(draft.lines[1].pointer, "/lines/1");
}

static void
test_every_fault_of_an_order_is_told(void **state)
{
	static const struct {
		const char *body, *where;
		enum field_code code;
	} cases[] = {
	    {"{}", "/lines", FIELD_REQUIRED},
	    {"{\"lines\":[]}", "/lines", FIELD_TOO_SHORT},
	    {"{\"lines\":{}}", "/lines", FIELD_WRONG_TYPE},
	    {"{\"lines\":[5]}", "/lines/0", FIELD_WRONG_TYPE},
	    {"{\"lines\":[" LINE("1", "") "]}", "/lines/0/quantity", FIELD_REQUIRED},
	    {"{\"lines\":[{\"quantity\":1}]}", "/lines/0/item_id", FIELD_REQUIRED},
	    {"{\"lines\":[" LINE("1", ",\"quantity\":1,\"price\":1") "]}", "/lines/0/price",
		FIELD_UNKNOWN},
	    {"{\"lines\":[" LINE("1", ",\"quantity\":1") "," LINE("1", ",\"quantity\":1") "]}",
		"/lines/1/item_id", FIELD_DUPLICATE},
	    {"{\"lines\":[{\"quantity\":1},{\"item_id\":7,\"quantity\":1001}]}", "/lines/0/item_id",
		FIELD_REQUIRED},
	};
	struct order_draft draft;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		fault_init(&fault, arena);
		assert_err(
		    ERR_VALIDATION, order_draft_read(arena, span(cases[i].body), &fault, &draft));
		assert_string_equal(fault.first->where, cases[i].where);
		assert_int_equal(fault.first->code, cases[i].code);
	}
	/* Of the last one all three: ids that could not be read are no duplicates. */
	assert_int_equal(fault.field_count, 3);
}

static void
test_an_order_has_at_most_fifty_lines(void **state)
{
	struct order_draft draft;
	char *body = arena_strdup(arena, "");

	(void)state;
	for (int i = 0; i < ORDER_LINES_MAX + 1; i++) {
		if (i == ORDER_LINES_MAX)
			assert_err(ERR_OK,
			    order_draft_read(arena,
				span(arena_printf(arena, "{\"lines\":[%s]}", body)), &fault,
				&draft));
		body = arena_printf(arena,
		    "%s%s{\"item_id\":\"018f0000-0000-7000-8000-0000000001%02d\",\"quantity\":1}",
		    body, i > 0 ? "," : "", i);
	}
	assert_int_equal(draft.line_count, ORDER_LINES_MAX);
	assert_err(ERR_VALIDATION,
	    order_draft_read(
		arena, span(arena_printf(arena, "{\"lines\":[%s]}", body)), &fault, &draft));
	assert_string_equal(fault.first->where, "/lines");
	assert_int_equal(fault.first->code, FIELD_TOO_LONG);
}

static void
test_an_order_is_shown_member_by_member(void **state)
{
	struct order_line lines[] = {{
	    .item_id = two,
	    .quantity = 2,
	    .priced = true,
	    .seller_id = three,
	    .name = "Lamp",
	    .unit_price = {1999, "EUR"},
	    .total = {3998, "EUR"},
	    .status = ORDER_CONFIRMED,
	}};
	struct order_step steps[] = {
	    {ORDER_PENDING, 0, true, three, 0},
	    {ORDER_FAILED, 1, false, {""}, 0},
	};
	const struct order order = {
	    .id = one,
	    .number = "A2B2-C3D4",
	    .buyer_id = three,
	    .status = ORDER_CONFIRMED,
	    .lines = lines,
	    .line_count = 1,
	    .has_total = true,
	    .total = {3998, "EUR"},
	    .history = steps,
	    .history_count = 2,
	};
	struct json_writer w;

	(void)state;
	json_writer_init(&w, &buf);
	order_write(&w, NULL, &order);
	assert_string_equal(buf.data,
	    "{\"id\":\"018f0000-0000-7000-8000-000000000001\",\"number\":\"A2B2-C3D4\","
	    "\"buyer_id\":\"018f0000-0000-7000-8000-000000000003\",\"status\":\"confirmed\","
	    "\"lines\":[{\"item_id\":\"018f0000-0000-7000-8000-000000000002\","
	    "\"seller_id\":\"018f0000-0000-7000-8000-000000000003\",\"name\":\"Lamp\","
	    "\"unit_price\":{\"amount\":1999,\"currency\":\"EUR\"},\"quantity\":2,"
	    "\"total\":{\"amount\":3998,\"currency\":\"EUR\"},\"status\":\"confirmed\","
	    "\"tracking\":null}],\"total\":{\"amount\":3998,\"currency\":\"EUR\"},"
	    "\"history\":[{\"status\":\"pending\",\"at\":\"1970-01-01T00:00:00.000Z\","
	    "\"by\":\"018f0000-0000-7000-8000-000000000003\"},"
	    "{\"status\":\"failed\",\"at\":\"1970-01-01T00:00:00.001Z\",\"by\":null}],"
	    "\"created_at\":\"1970-01-01T00:00:00.000Z\","
	    "\"updated_at\":\"1970-01-01T00:00:00.000Z\"}");
}

static void
test_an_undecided_order_knows_no_prices(void **state)
{
	struct order_line lines[] = {{.item_id = two, .quantity = 2, .status = ORDER_PENDING}};
	const struct order order = {
	    .id = one, .number = "A2B2-C3D4", .buyer_id = three, .lines = lines, .line_count = 1};
	struct json_writer w;

	(void)state;
	json_writer_init(&w, &buf);
	order_write(&w, NULL, &order);
	assert_non_null(strstr(buf.data,
	    "\"seller_id\":null,\"name\":null,\"unit_price\":null,\"quantity\":2,"
	    "\"total\":null,\"status\":\"pending\",\"tracking\":null}],\"total\":null"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_the_least_item, start, end),
	    cmocka_unit_test_setup_teardown(
		test_stock_may_be_left_out_of_a_replacement, start, end),
	    cmocka_unit_test_setup_teardown(test_every_fault_is_told, start, end),
	    cmocka_unit_test_setup_teardown(test_an_item_is_shown_member_by_member, start, end),
	    cmocka_unit_test_setup_teardown(test_buying_needs_no_body, start, end),
	    cmocka_unit_test_setup_teardown(test_what_a_buyer_may_say, start, end),
	    cmocka_unit_test_setup_teardown(test_an_order_has_lines, start, end),
	    cmocka_unit_test_setup_teardown(test_every_fault_of_an_order_is_told, start, end),
	    cmocka_unit_test_setup_teardown(test_an_order_has_at_most_fifty_lines, start, end),
	    cmocka_unit_test_setup_teardown(test_an_order_is_shown_member_by_member, start, end),
	    cmocka_unit_test_setup_teardown(test_an_undecided_order_knows_no_prices, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

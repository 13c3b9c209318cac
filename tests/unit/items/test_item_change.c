#include "tests/unit/items/buying.h"

#include "fcgi/items/item_flow.h"
#include "fcgi/items/item_wire.h"
#include "fcgi/items/settle_flow.h"
#include "shared/base/str.h"
#include "shared/base/trace.h"

#define TRACEPARENT "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static enum err
no_precondition(void *context, const struct item *item)
{
	(void)context;
	(void)item;
	return ERR_OK;
}

static const struct item_guard free_to_change = {no_precondition, NULL};

static int
be_admin(void **state)
{
	int result = rig_empty(state);

	rig.buyer.roles = ROLE_CUSTOMER | ROLE_ADMIN;
	return result;
}

static struct item
look(const struct id *id)
{
	struct item item;

	assert_err(ERR_OK, item_store_get(&rig.shop.items, &rig.deadline, rig.arena, id, &item));
	return item;
}

static enum err
patch(const struct id *id, const char *body)
{
	struct call call = rig_call();
	struct item_patch read;
	struct item item;

	fault_init(&rig.fault, rig.arena);
	TRY(item_patch_read(rig.arena, span_of(body, strlen(body)), &rig.fault, &read));
	return item_flow_patch(&rig.shop, &call, id, &read, &free_to_change, &item);
}

static enum err
add_stock(const struct id *id, int64_t delta)
{
	struct call call = rig_call();
	struct item item;

	fault_init(&rig.fault, rig.arena);
	return item_flow_add_stock(&rig.shop, &call, id, delta, &free_to_change, &item);
}

static void
test_a_patch_changes_what_it_names(void **state)
{
	struct id lamp = rig_lamp(5);
	struct item item;

	(void)state;
	assert_err(ERR_OK,
	    patch(&lamp,
		"{\"description\":\"d\",\"category\":\"c\",\"tags\":[\"t\"],"
		"\"attributes\":{\"a\":\"1\",\"b\":\"2\"},\"low_stock_at\":2}"));
	item = look(&lamp);
	assert_string_equal(item.name, "Lamp");
	assert_string_equal(item.description, "d");
	assert_int_equal(item.attribute_count, 2);
	assert_true(item.has_low_stock_at && item.low_stock_at == 2);
	assert_int_equal(item.version, 2);
	assert_err(ERR_OK,
	    patch(&lamp,
		"{\"price\":{\"amount\":5},\"attributes\":{\"a\":null,\"c\":\"3\"},"
		"\"low_stock_at\":null,\"description\":null}"));
	item = look(&lamp);
	assert_int_equal(item.price.amount_minor, 5);
	assert_string_equal(item.price.currency, "EUR");
	assert_int_equal(item.attribute_count, 2);
	assert_string_equal(item.attributes[0].name, "b");
	assert_string_equal(item.attributes[1].value, "3");
	assert_false(item.has_low_stock_at);
	assert_string_equal(item.description, "");
	assert_string_equal(item.category, "c");
	assert_err(ERR_OK, patch(&lamp, "{\"category\":null,\"tags\":null,\"attributes\":null}"));
	item = look(&lamp);
	assert_null(item.category);
	assert_int_equal(item.tag_count + item.attribute_count, 0);
	assert_err(ERR_VALIDATION, patch(&lamp, "{\"name\":null}"));
	assert_err(ERR_VALIDATION, patch(&lamp, "{\"image_url\":\"x\"}"));
	assert_int_equal(look(&lamp).version, 4);
}

/* PATCH must not get round the bound that POST has. */
static void
test_attributes_are_bounded_together(void **state)
{
	struct id lamp = rig_lamp(5);
	struct buf body auto_buf;

	(void)state;
	for (int i = 0; i <= ITEM_ATTRIBUTES_MAX; i++) {
		buf_init(&body, 1000);
		buf_printf(&body, "{\"attributes\":{\"n%d\":\"\"}}", i);
		assert_err(
		    i < ITEM_ATTRIBUTES_MAX ? ERR_OK : ERR_VALIDATION, patch(&lamp, body.data));
		buf_fini(&body);
	}
	assert_string_equal(rig.fault.first->where, "/attributes");
	assert_int_equal(look(&lamp).attribute_count, ITEM_ATTRIBUTES_MAX);
}

static void
test_stock_comes_and_goes(void **state)
{
	struct id lamp = rig_lamp(5);

	(void)state;
	assert_err(ERR_OK, add_stock(&lamp, 3));
	assert_err(ERR_OK, add_stock(&lamp, -8));
	assert_err(ERR_STOCK, add_stock(&lamp, -1));
	assert_true(rig.fault.has_available && rig.fault.available == 0);
	assert_err(ERR_OK, add_stock(&lamp, ITEM_STOCK_MAX));
	assert_err(ERR_VALIDATION, add_stock(&lamp, 1));
	assert_string_equal(rig.fault.first->where, "/delta");
	assert_int_equal(rig_stock(&lamp), ITEM_STOCK_MAX);
}

/* How often item.low_stock waits for the relay, every time in the rig's trace. */
static int
count_low(const struct id *id)
{
	auto_bson bson_t *found = rig_find(rig.shop.items.items, id);
	struct mongo_array array;
	int count = 0;

	assert_err(ERR_OK, mongo_array_begin(found, "pending_events", &array));
	while (mongo_array_next(&array)) {
		const char *traceparent;
		const char *type;
		bson_t element;

		assert_err(ERR_OK, mongo_array_document(&array, &element));
		assert_err(ERR_OK, mongo_get_text(&element, "type", &type));
		if (!str_equal(type, "item.low_stock"))
			continue;
		assert_err(ERR_OK, mongo_get_text(&element, "traceparent", &traceparent));
		assert_memory_equal(traceparent, rig.traceparent, strlen("00-") + TRACE_ID_SIZE);
		count++;
	}
	return count;
}

static void
test_low_stock_is_told_once_a_crossing(void **state)
{
	struct id lamp = rig_lamp(5);

	(void)state;
	rig.traceparent = TRACEPARENT;
	assert_err(ERR_OK, add_stock(&lamp, -1));
	assert_int_equal(count_low(&lamp), 0);
	assert_err(ERR_OK, add_stock(&lamp, -1));
	assert_int_equal(count_low(&lamp), 1);
	assert_err(ERR_OK, add_stock(&lamp, -1));
	assert_int_equal(count_low(&lamp), 1);
	assert_err(ERR_OK, add_stock(&lamp, 7));
	assert_err(ERR_OK, add_stock(&lamp, -9));
	assert_int_equal(count_low(&lamp), 2);
	assert_err(ERR_OK, patch(&lamp, "{\"low_stock_at\":0}"));
	assert_int_equal(count_low(&lamp), 2);
	assert_err(ERR_OK, patch(&lamp, "{\"stock\":20,\"low_stock_at\":19}"));
	assert_err(ERR_OK, patch(&lamp, "{\"low_stock_at\":20}"));
	assert_int_equal(count_low(&lamp), 3);
}

static void
settle_all(void)
{
	struct sold_hold holds[64];
	size_t count = settle_queue_take(rig.shop.sold, 0, 0, holds, 64);

	for (size_t i = 0; i < count; i++) {
		const struct sold sold = {&holds[i].item_id, &holds[i].hold_id, 1};

		/* Twice, as a sweeper may come too. */
		assert_err(
		    ERR_OK, settle_sold(&rig.shop, &rig.deadline, rig.arena, rig.now_ms, &sold));
		assert_err(
		    ERR_OK, settle_sold(&rig.shop, &rig.deadline, rig.arena, rig.now_ms, &sold));
	}
}

static void
test_sales_tell_of_low_stock(void **state)
{
	struct id lamp = rig_lamp(6);
	struct purchase_result result;

	(void)state;
	rig.traceparent = TRACEPARENT;
	assert_err(ERR_OK, buy(&lamp, 2, NULL, &result));
	assert_err(ERR_OK, buy(&lamp, 2, NULL, &result));
	assert_int_equal(count_low(&lamp), 0); /* reserved is not sold */
	settle_all();
	assert_int_equal(rig_reservations(&lamp), 0);
	assert_int_equal(count_low(&lamp), 1);
	assert_err(ERR_OK, buy(&lamp, 1, NULL, &result));
	assert_err(ERR_STOCK, buy(&lamp, 2, NULL, &result));
	settle_all();
	assert_int_equal(rig_reservations(&lamp), 0);
	assert_int_equal(count_low(&lamp), 1);
	assert_err(ERR_OK, patch(&lamp, "{\"stock\":10,\"low_stock_at\":9}"));
	assert_err(ERR_OK, buy(&lamp, 1, NULL, &result));
	settle_all();
	assert_int_equal(count_low(&lamp), 2);
}

/* Sold stock that still stands as a reservation is counted by the sale, not by a change as well. */
static void
test_a_change_and_a_sale_tell_one_crossing(void **state)
{
	struct id lamp = rig_lamp(6);
	struct purchase_result result;

	(void)state;
	rig.traceparent = TRACEPARENT;
	assert_err(ERR_OK, buy(&lamp, 2, NULL, &result));
	assert_err(ERR_OK, add_stock(&lamp, -2));
	assert_int_equal(count_low(&lamp), 0);
	settle_all();
	assert_int_equal(count_low(&lamp), 1);
	assert_err(ERR_OK, add_stock(&lamp, -1));
	assert_int_equal(count_low(&lamp), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_a_patch_changes_what_it_names, be_admin),
	    cmocka_unit_test_setup(test_attributes_are_bounded_together, be_admin),
	    cmocka_unit_test_setup(test_stock_comes_and_goes, be_admin),
	    cmocka_unit_test_setup(test_low_stock_is_told_once_a_crossing, be_admin),
	    cmocka_unit_test_setup(test_sales_tell_of_low_stock, be_admin),
	    cmocka_unit_test_setup(test_a_change_and_a_sale_tell_one_crossing, be_admin),
	};

	return cmocka_run_group_tests_name("items/item_change", tests, rig_start, rig_end);
}

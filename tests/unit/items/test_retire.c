#include "tests/unit/items/buying.h"

#include "fcgi/items/retire_flow.h"

static void
assert_item(const struct id *item, const char *status, const char *name, uint32_t events)
{
	auto_bson bson_t *found = rig_find(rig.shop.items.items, item);
	const char *text;

	assert_err(ERR_OK, mongo_get_text(found, "status", &text));
	assert_string_equal(text, status);
	assert_err(ERR_OK, mongo_get_text(found, "name", &text));
	assert_string_equal(text, name);
	assert_int_equal(mongo_array_count(found, "words"), name[0] != '\0' ? 1 : 0);
	assert_int_equal(mongo_array_count(found, "pending_events"), events);
}

static void
test_a_sellers_items_go_once(void **state)
{
	const struct id ann = new_id();
	const struct id bob = new_id();
	const struct id kept = rig_lamp_of(&bob, 5);
	struct id lamps[45];
	struct purchase_result result;
	struct call call;

	(void)state;
	for (size_t i = 0; i < 45; i++)
		lamps[i] = rig_lamp_of(&ann, 5);
	assert_err(ERR_OK, buy(&lamps[0], 1, NULL, &result));
	call = rig_call();
	for (int again = 0; again < 2; again++) {
		assert_err(ERR_OK, retire_seller(&rig.shop, &call, &ann));
		for (size_t i = 0; i < 45; i++)
			assert_item(&lamps[i], "archived", "", 2); /* made, and deleted once */
	}
	assert_item(&kept, "active", "Lamp", 1);
	assert_err(ERR_NOT_FOUND, buy(&lamps[1], 1, NULL, &result));
	assert_int_equal(rig_stock(&lamps[0]), 4);
	assert_int_equal(rig_reservations(&lamps[0]), 1); /* the sold order's, as ever */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_a_sellers_items_go_once, rig_empty),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

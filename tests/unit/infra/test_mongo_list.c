#include "tests/unit/unit.h"

#include "shared/infra/mongo.h"
#include "shared/infra/mongo_list.h"
#include "shared/infra/mongo_read.h"

static void
test_elements_are_named_by_their_numbers(void **state)
{
	auto_bson bson_t *document = bson_new();
	struct mongo_list list;
	bson_t array;
	const char *text;
	bool fits = mongo_list_begin(document, "list", &list);
	bson_iter_t iter;
	uint32_t len;
	const uint8_t *bytes;

	(void)state;
	for (int i = 0; fits && i < 1500; i++)
		fits = mongo_list_put_text(&list, i == 1234 ? "this" : "other");
	assert_true(fits && mongo_list_end(document, &list));
	assert_true(bson_iter_init_find(&iter, document, "list"));
	bson_iter_array(&iter, &len, &bytes);
	assert_true(bson_init_static(&array, bytes, len));
	assert_err(ERR_OK, mongo_get_text(&array, "0", &text));
	assert_string_equal(text, "other");
	assert_err(ERR_OK, mongo_get_text(&array, "1234", &text));
	assert_string_equal(text, "this");
	assert_false(mongo_has(&array, "1500"));
}

static void
test_a_pull_names_array_member_and_values(void **state)
{
	auto_bson bson_t *update = BCON_NEW("$set", "{", "a", BCON_INT32(1), "}");
	auto_bson bson_t *expected = BCON_NEW("$set", "{", "a", BCON_INT32(1), "}", "$pull", "{",
	    "holds", "{", "id", "{", "$in", "[", "x", "y", "]", "}", "}", "}");
	struct mongo_pull pull;

	(void)state;
	assert_true(mongo_pull_begin(update, "holds", "id", &pull));
	assert_true(mongo_list_put_text(&pull.values, "x"));
	assert_true(mongo_list_put_text(&pull.values, "y"));
	assert_true(mongo_pull_end(update, &pull));
	assert_true(bson_equal(update, expected));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_elements_are_named_by_their_numbers),
	    cmocka_unit_test(test_a_pull_names_array_member_and_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

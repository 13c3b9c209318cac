#include "tests/unit/edge/object.h"

static void
a_patch_tells_null_from_left_out(void **state)
{
	static const struct text_rule rule = {.max = 5};
	const char *text = "kept";
	bool present = true;

	(void)state;
	begin("{\"gone\":null,\"stays\":null}");
	json_read_text(&in, "gone", JSON_OPTIONAL, &rule, &text, &present);
	assert_false(present);
	assert_true(json_is_null(&in, "gone"));
	json_read_text(&in, "absent", JSON_NOT_NULL, &rule, &text, &present);
	assert_false(present);
	assert_false(json_is_null(&in, "absent"));
	json_read_text(&in, "stays", JSON_NOT_NULL, &rule, &text, &present);
	assert_false(present);
	assert_string_equal(text, "kept");
	assert_faults("/stays wrong_type");
}

static void
assert_patched_money(
    const char *body, bool has_amount, bool has_currency, const char *currency, const char *faults)
{
	struct money_patch patch;

	begin(body);
	json_patch_money(&in, "p", &patch);
	assert_faults(faults);
	assert_int_equal(patch.has_amount, has_amount);
	assert_int_equal(patch.has_currency, has_currency);
	assert_int_equal(patch.money.amount_minor, has_amount ? 5 : 0);
	assert_string_equal(patch.money.currency, currency);
}

static void
a_patch_of_money_says_what_to_merge(void **state)
{
	(void)state;
	assert_patched_money("{}", false, false, "", "");
	assert_patched_money("{\"p\":{}}", false, false, "", "");
	assert_patched_money("{\"p\":{\"amount\":5}}", true, false, "", "");
	assert_patched_money("{\"p\":{\"currency\":\"JPY\"}}", false, true, "JPY", "");
	assert_patched_money("{\"p\":{\"amount\":5,\"currency\":\"EUR\"}}", true, true, "EUR", "");
	assert_patched_money("{\"p\":null}", false, false, "", "/p wrong_type");
	assert_patched_money("{\"p\":5}", false, false, "", "/p wrong_type");
	assert_patched_money("{\"p\":{\"amount\":null,\"currency\":\"eur\",\"tax\":1}}", false,
	    false, "", "/p/amount wrong_type, /p/currency bad_format, /p/tax unknown_field");
}

static void
a_patch_of_pairs_says_which_go(void **state)
{
	static const struct text_rule rule = {.min = 1, .max = 4};
	const struct text_pair *pairs = NULL;
	size_t count = 0;
	bool present = true;

	(void)state;
	begin("{\"a\":{\"x\":null,\"y\":\"1\"},\"n\":null}");
	json_patch_pairs(&in, "n", 2, &rule, &rule, &pairs, &count, &present);
	assert_false(present);
	assert_true(json_is_null(&in, "n"));
	json_patch_pairs(&in, "a", 2, &rule, &rule, &pairs, &count, &present);
	assert_true(present && count == 2);
	assert_null(pairs[0].value);
	assert_string_equal(pairs[1].value, "1");
	assert_faults("");
	begin("{\"a\":{\"x\":1,\"long one\":null},\"b\":{\"1\":null,\"2\":null}}");
	json_patch_pairs(&in, "a", 2, &rule, &rule, &pairs, &count, &present);
	assert_false(present);
	json_patch_pairs(&in, "b", 1, &rule, &rule, &pairs, &count, &present);
	assert_faults("/a/x wrong_type, /a/long one too_long, /b too_long");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    rig_test(a_patch_tells_null_from_left_out),
	    rig_test(a_patch_of_money_says_what_to_merge),
	    rig_test(a_patch_of_pairs_says_which_go),
	};

	return cmocka_run_group_tests_name("edge/json_read: patches", tests, NULL, NULL);
}

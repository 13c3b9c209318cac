#include "tests/unit/edge/object.h"

static void
the_body_must_be_an_object(void **state)
{
	static const char *const others[] = {"[]", "1", "\"x\"", "null", "true"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		rig_forget();
		assert_err(ERR_VALIDATION,
		    json_begin(
			&in, rig.arena, span_of(others[i], strlen(others[i])), &rig.rq.fault));
		assert_string_equal(rig_faults(), " wrong_type");
	}
	assert_err(ERR_MALFORMED, json_begin(&in, rig.arena, span_of("{", 1), &rig.rq.fault));
	assert_err(ERR_MALFORMED, json_begin(&in, rig.arena, span_of(" ", 1), &rig.rq.fault));
}

static void
no_body_reads_like_an_empty_object(void **state)
{
	static const struct text_rule rule = {.max = 5};
	const char *text = "kept";
	bool present = true;

	(void)state;
	begin("");
	json_read_text(&in, "a", JSON_OPTIONAL, &rule, &text, &present);
	assert_false(present);
	assert_string_equal(text, "kept");
	assert_false(json_is_null(&in, "a"));
	json_read_text(&in, "b", JSON_REQUIRED, &rule, &text, &present);
	assert_faults("/b required");
}

static bool
is_lower(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyz") == strlen(text);
}

static void
assert_text(const char *body, const struct text_rule *rule, const char *text, const char *faults)
{
	const char *out = NULL;
	bool present;

	begin(body);
	json_read_text(&in, "t", JSON_REQUIRED, rule, &out, &present);
	assert_faults(faults);
	assert_int_equal(present, text != NULL);
	if (text != NULL)
		assert_string_equal(out, text);
	else
		assert_null(out);
}

static void
texts_fit_their_rule(void **state)
{
	static const struct text_rule line = {.min = 1, .max = 3};
	static const struct text_rule lines = {.max = 9, .multiline = true};
	static const struct text_rule any = {.max = 9, .anything = true};
	static const struct text_rule low = {.max = 9, .matches = is_lower, .form = "lower case"};

	(void)state;
	assert_text("{\"t\":\"abc\"}", &line, "abc", "");
	assert_text("{\"t\":\"\\u00e9\\ud83d\\ude00x\"}", &line, "\xC3\xA9\xF0\x9F\x98\x80x", "");
	assert_text("{\"t\":\"\"}", &line, NULL, "/t too_short");
	assert_text("{\"t\":\"abcd\"}", &line, NULL, "/t too_long");
	assert_text("{\"t\":\"a\\nb\"}", &line, NULL, "/t bad_format");
	assert_text("{\"t\":\"\\u007f\"}", &line, NULL, "/t bad_format");
	assert_text("{\"t\":\"\\u0085\"}", &line, NULL, "/t bad_format");
	assert_text("{\"t\":\"a\\u0000b\"}", &line, NULL, "/t bad_format");
	assert_text("{\"t\":1}", &line, NULL, "/t wrong_type");
	assert_text("{\"t\":null}", &line, NULL, "/t wrong_type");
	assert_text("{}", &line, NULL, "/t required");
	assert_text("{\"t\":\"a\\r\\n\\tb\"}", &lines, "a\r\n\tb", "");
	assert_text("{\"t\":\"\\u0007\"}", &lines, NULL, "/t bad_format");
	assert_text("{\"t\":\"\\u009f\"}", &lines, NULL, "/t bad_format");
	assert_text("{\"t\":\"\\u00a0\"}", &lines, "\xC2\xA0", "");
	assert_text("{\"t\":\"\\u0007\\u007f\"}", &any, "\x07\x7F", "");
	assert_text("{\"t\":\"\\u0000\"}", &any, NULL, "/t bad_format");
	assert_text("{\"t\":\"abc\"}", &low, "abc", "");
	assert_text("{\"t\":\"Abc\"}", &low, NULL, "/t bad_format");
}

static void
null_is_absent_where_nothing_is_needed(void **state)
{
	static const struct text_rule rule = {.max = 5};
	const char *text = NULL;
	bool present = true;

	(void)state;
	begin("{\"t\":null}");
	assert_true(json_is_null(&in, "t"));
	assert_false(json_is_null(&in, "u"));
	json_read_text(&in, "t", JSON_OPTIONAL, &rule, &text, &present);
	assert_false(present);
	assert_faults("");
}

static void
assert_number(const char *body, int64_t number, const char *faults)
{
	int64_t out = INT64_MIN;
	bool present;

	begin(body);
	json_read_int(&in, "n", JSON_REQUIRED, -5, 1000, &out, &present);
	assert_faults(faults);
	assert_int_equal(present, *faults == '\0');
	assert_true(out == (present ? number : INT64_MIN));
}

static void
numbers_are_whole_and_within_bounds(void **state)
{
	(void)state;
	assert_number("{\"n\":7}", 7, "");
	assert_number("{\"n\":-5}", -5, "");
	assert_number("{\"n\":1000}", 1000, "");
	assert_number("{\"n\":1.0}", 1, "");
	assert_number("{\"n\":1e2}", 100, "");
	assert_number("{\"n\":-0}", 0, "");
	assert_number("{\"n\":1001}", 0, "/n out_of_range");
	assert_number("{\"n\":-6}", 0, "/n out_of_range");
	assert_number("{\"n\":99999999999999999999}", 0, "/n out_of_range");
	assert_number("{\"n\":1e300}", 0, "/n out_of_range");
	assert_number("{\"n\":1.5}", 0, "/n wrong_type");
	assert_number("{\"n\":\"7\"}", 0, "/n wrong_type");
	assert_number("{\"n\":true}", 0, "/n wrong_type");
}

static void
the_largest_numbers_are_exact(void **state)
{
	int64_t out = 0;

	(void)state;
	begin("{\"n\":9007199254740991}");
	json_read_int(&in, "n", JSON_REQUIRED, 0, INT64_MAX, &out, NULL);
	assert_faults("");
	assert_true(out == INT64_C(9007199254740991));
	begin("{\"n\":9007199254740993}");
	json_read_int(&in, "n", JSON_REQUIRED, 0, INT64_MAX, &out, NULL);
	assert_faults("/n out_of_range");
}

static void
bools_ids_and_choices_are_read(void **state)
{
	static const char *const choices[] = {"red", "blue", NULL};
	struct id id;
	bool flag = false;
	int choice = -1;

	(void)state;
	begin("{\"b\":true,\"i\":\"01900000-0000-7000-8000-00000000000F\",\"c\":\"blue\"}");
	json_read_bool(&in, "b", JSON_REQUIRED, &flag, NULL);
	json_read_id(&in, "i", JSON_REQUIRED, &id, NULL);
	json_read_choice(&in, "c", JSON_REQUIRED, choices, &choice, NULL);
	assert_faults("");
	assert_true(flag);
	assert_string_equal(id.text, "01900000-0000-7000-8000-00000000000f");
	assert_int_equal(choice, 1);

	begin("{\"b\":1,\"i\":\"7\",\"c\":\"green\",\"d\":2}");
	json_read_bool(&in, "b", JSON_REQUIRED, &flag, NULL);
	json_read_id(&in, "i", JSON_REQUIRED, &id, NULL);
	json_read_choice(&in, "c", JSON_REQUIRED, choices, &choice, NULL);
	json_read_choice(&in, "d", JSON_REQUIRED, choices, &choice, NULL);
	assert_faults("/b wrong_type, /i bad_format, /c not_allowed, /d wrong_type");
	assert_int_equal(choice, 1);
}

static void
assert_money(const char *body, int64_t amount, const char *faults)
{
	struct money money = {-1, ""};
	bool present;

	begin(body);
	json_read_money(&in, "p", JSON_REQUIRED, &money, &present);
	assert_faults(faults);
	assert_int_equal(present, *faults == '\0');
	assert_int_equal(money.amount_minor, present ? amount : -1);
}

static void
money_is_whole(void **state)
{
	(void)state;
	assert_money("{\"p\":{\"amount\":1999,\"currency\":\"EUR\"}}", 1999, "");
	assert_money("{\"p\":{\"amount\":1000000000000,\"currency\":\"JPY\"}}", 1000000000000, "");
	assert_money("{}", 0, "/p required");
	assert_money("{\"p\":7}", 0, "/p wrong_type");
	assert_money("{\"p\":{}}", 0, "/p/amount required, /p/currency required");
	assert_money("{\"p\":{\"amount\":-1,\"currency\":\"EUR\"}}", 0, "/p/amount out_of_range");
	assert_money(
	    "{\"p\":{\"amount\":1000000000001,\"currency\":\"EUR\"}}", 0, "/p/amount out_of_range");
	assert_money("{\"p\":{\"amount\":1.5,\"currency\":\"eur\"}}", 0,
	    "/p/amount wrong_type, /p/currency bad_format");
	assert_money("{\"p\":{\"amount\":1,\"currency\":\"XQX\"}}", 0, "/p/currency bad_format");
	assert_money(
	    "{\"p\":{\"amount\":1,\"currency\":\"EUR\",\"tax\":2}}", 0, "/p/tax unknown_field");
}

static void
arrays_of_texts_have_no_text_twice(void **state)
{
	static const struct text_rule rule = {.min = 1, .max = 3};
	const char *const *texts = NULL;
	size_t count = 0;
	bool present;

	(void)state;
	begin("{\"t\":[\"a\",\"b\"],\"e\":[]}");
	json_read_texts(&in, "e", JSON_REQUIRED, 3, &rule, &texts, &count, &present);
	assert_true(present && count == 0);
	json_read_texts(&in, "t", JSON_REQUIRED, 3, &rule, &texts, &count, &present);
	assert_true(present && count == 2);
	assert_string_equal(texts[1], "b");
	assert_faults("");
	begin("{\"t\":[\"a\",1,\"long\",\"a\"],\"u\":[1,2,3,4,5],\"v\":{}}");
	json_read_texts(&in, "t", JSON_REQUIRED, 4, &rule, &texts, &count, &present);
	assert_false(present);
	json_read_texts(&in, "u", JSON_REQUIRED, 4, &rule, &texts, &count, &present);
	json_read_texts(&in, "v", JSON_REQUIRED, 4, &rule, &texts, &count, &present);
	assert_faults("/t/1 wrong_type, /t/2 too_long, /t/3 duplicate, /u too_long, /v wrong_type");
	assert_int_equal(count, 2);
}

static void
pairs_are_checked_by_name_and_value(void **state)
{
	static const struct text_rule name_rule = {.min = 1, .max = 4};
	static const struct text_rule value_rule = {.max = 3};
	const struct text_pair *pairs = NULL;
	size_t count = 0;
	bool present;

	(void)state;
	begin("{\"a\":{\"x\":\"1\",\"y/z\":\"\"}}");
	json_read_pairs(
	    &in, "a", JSON_REQUIRED, 2, &name_rule, &value_rule, &pairs, &count, &present);
	assert_true(present && count == 2);
	assert_string_equal(pairs[1].name, "y/z");
	assert_string_equal(pairs[0].value, "1");
	assert_faults("");
	begin("{\"a\":{\"\":\"1\",\"y/~\":2,\"z\":\"long\"},"
	      "\"b\":{\"1\":\"\",\"2\":\"\",\"3\":\"\",\"4\":\"\"},\"c\":[]}");
	json_read_pairs(
	    &in, "a", JSON_REQUIRED, 3, &name_rule, &value_rule, &pairs, &count, &present);
	assert_false(present);
	json_read_pairs(&in, "b", JSON_REQUIRED, 3, &name_rule, &value_rule, &pairs, &count, NULL);
	json_read_pairs(&in, "c", JSON_REQUIRED, 3, &name_rule, &value_rule, &pairs, &count, NULL);
	assert_faults(
	    "/a/ too_short, /a/y~1~0 wrong_type, /a/z too_long, /b too_long, /c wrong_type");
}

static void
arrays_of_objects_are_read_one_by_one(void **state)
{
	const struct cJSON *array = NULL;
	struct json_object line;
	size_t count = 0;
	int64_t quantity = 0;
	bool present;

	(void)state;
	begin("{\"lines\":[{\"q\":1},{\"q\":\"2\",\"x\":1},3]}");
	json_read_array(&in, "lines", JSON_REQUIRED, 1, 50, &array, &count, &present);
	assert_true(present && count == 3);
	for (size_t i = 0; i < count; i++) {
		json_element(&in, array, "lines", i, &line);
		json_read_int(&line, "q", JSON_REQUIRED, 1, 9, &quantity, NULL);
		if (i == 0)
			json_fault(&line, "q", FIELD_DUPLICATE, "again");
		json_end_nested(&line);
	}
	json_fault(&in, NULL, FIELD_NOT_ALLOWED, "whole");
	assert_faults("/lines/0/q duplicate, /lines/1/q wrong_type, /lines/1/x unknown_field, "
		      "/lines/2 wrong_type,  not_allowed");
	begin("{\"lines\":[]}");
	json_read_array(&in, "lines", JSON_REQUIRED, 1, 50, &array, &count, &present);
	assert_false(present);
	assert_faults("/lines too_short");
}

static void
unknown_members_are_all_told(void **state)
{
	static const struct text_rule rule = {.max = 5};
	struct json_object nested;
	bool present;

	(void)state;
	begin("{\"a\":\"x\",\"A\":1,\"a/b\":2,\"~\":3,\"\":4,\"o\":{\"y\":1}}");
	json_read_text(&in, "a", JSON_OPTIONAL, &rule, &(const char *){NULL}, NULL);
	json_read_object(&in, "o", JSON_REQUIRED, &nested, &present);
	assert_true(present);
	json_end_nested(&nested);
	assert_faults(
	    "/o/y unknown_field, /A unknown_field, /a~1b unknown_field, /~0 unknown_field, "
	    "/ unknown_field");
}

static void
a_long_unknown_name_is_cut(void **state)
{
	struct buf body auto_buf;
	const char *where;

	(void)state;
	buf_init(&body, 100000);
	buf_puts(&body, "{\"");
	for (int i = 0; i < 10000; i++)
		buf_puts(&body, i == 0 ? "~" : "\xC3\xA9");
	buf_puts(&body, "\":1}");
	begin(body.data);
	assert_err(ERR_VALIDATION, json_end(&in));
	where = rig.rq.fault.first->where;
	assert_true(strlen(where) < 300);
	assert_true(utf8_valid(where, strlen(where)));
}

/* A reader at the arena's end must not pass for one that found nothing. */
static void
no_memory_is_no_absence(void **state)
{
	static const struct text_rule rule = {.max = 3};
	const char *const *texts = NULL;
	size_t count = 0;
	bool present;

	(void)state;
	begin("{\"t\":[\"a\"]}");
	while (arena_alloc(rig.arena, 1) != NULL)
		continue;
	json_read_texts(&in, "t", JSON_OPTIONAL, 3, &rule, &texts, &count, &present);
	assert_false(present);
	assert_err(ERR_MEMORY, json_end(&in));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    rig_test(the_body_must_be_an_object),
	    rig_test(no_body_reads_like_an_empty_object),
	    rig_test(texts_fit_their_rule),
	    rig_test(null_is_absent_where_nothing_is_needed),
	    rig_test(numbers_are_whole_and_within_bounds),
	    rig_test(the_largest_numbers_are_exact),
	    rig_test(bools_ids_and_choices_are_read),
	    rig_test(money_is_whole),
	    rig_test(arrays_of_texts_have_no_text_twice),
	    rig_test(pairs_are_checked_by_name_and_value),
	    rig_test(arrays_of_objects_are_read_one_by_one),
	    rig_test(unknown_members_are_all_told),
	    rig_test(a_long_unknown_name_is_cut),
	    rig_test(no_memory_is_no_absence),
	};

	return cmocka_run_group_tests_name("edge/json_read", tests, NULL, NULL);
}

#include "tests/unit/edge/rig.h"

#include "shared/edge/query.h"

static struct query query;

static void
begin(const char *text)
{
	rig_forget();
	rig.rq.query = text;
	assert_err(ERR_OK, query_begin(&query, &rig.rq));
}

static void
assert_faults(const char *faults)
{
	assert_err(*faults == '\0' ? ERR_OK : ERR_VALIDATION, query_end(&query));
	assert_string_equal(rig_faults(), faults);
}

static void
parameters_are_decoded(void **state)
{
	static const struct text_rule rule = {.max = 100};
	const char *text = "kept";
	bool present = false;

	(void)state;
	begin("q=a+b%20%C3%A9%26%3D&&%71%32=&flag&x==1");
	query_read_text(&query, "q", &rule, &text, &present);
	assert_true(present);
	assert_string_equal(text, "a b \xC3\xA9&=");
	query_read_text(&query, "q2", &rule, &text, &present);
	assert_true(present);
	assert_string_equal(text, "");
	query_read_text(&query, "flag", &rule, &text, &present);
	assert_true(present);
	query_read_text(&query, "x", &rule, &text, &present);
	assert_string_equal(text, "=1");
	query_read_text(&query, "none", &rule, &text, &present);
	assert_false(present);
	assert_string_equal(text, "=1");
	assert_faults("");
}

static void
what_does_not_decode_is_malformed(void **state)
{
	static const char *const bad[] = {"a=%", "a=%4", "a=%zz", "%ff=1", "a=%00", "a=\xFF"};
	struct buf buf auto_buf;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		rig.rq.query = bad[i];
		assert_err(ERR_MALFORMED, query_begin(&query, &rig.rq));
	}
	buf_init(&buf, 1000);
	for (int i = 0; i <= QUERY_PARAMS_MAX; i++)
		buf_printf(&buf, "&p%d=1", i);
	rig.rq.query = buf.data;
	assert_err(ERR_MALFORMED, query_begin(&query, &rig.rq));
}

static void
unknown_and_repeated_parameters_are_told(void **state)
{
	int64_t number = 0;

	(void)state;
	begin("a=1&b=2&a=1&%61=3");
	query_read_int(&query, "a", 0, 9, &number, NULL);
	assert_faults("a duplicate, a duplicate, b unknown_field");
	assert_int_equal(rig.rq.fault.first->place, FIELD_IN_QUERY);
}

static void
each_type_is_checked(void **state)
{
	static const char *const choices[] = {"up", "down", NULL};
	static const struct text_rule rule = {.min = 2, .max = 3};
	const char *text = "kept";
	int64_t number = -1, time = -1;
	struct id id;
	bool flag = false;
	int choice = -1;

	(void)state;
	begin("n=7&b=true&i=01900000-0000-7000-8000-000000000001&t=1970-01-02&c=down");
	query_read_int(&query, "n", 1, 100, &number, NULL);
	query_read_bool(&query, "b", &flag, NULL);
	query_read_id(&query, "i", &id, NULL);
	query_read_time(&query, "t", &time, NULL);
	query_read_choice(&query, "c", choices, &choice, NULL);
	assert_faults("");
	assert_int_equal(number, 7);
	assert_true(flag);
	assert_int_equal(time, 86400000);
	assert_int_equal(choice, 1);

	begin("n=101&m=1x&k=&b=1&i=x&t=yesterday&c=left&s=a&l=abcd&z=a%0Ab");
	query_read_int(&query, "n", 1, 100, &number, NULL);
	query_read_int(&query, "m", 1, 100, &number, NULL);
	query_read_int(&query, "k", 1, 100, &number, NULL);
	query_read_bool(&query, "b", &flag, NULL);
	query_read_id(&query, "i", &id, NULL);
	query_read_time(&query, "t", &time, NULL);
	query_read_choice(&query, "c", choices, &choice, NULL);
	query_read_text(&query, "s", &rule, &text, NULL);
	query_read_text(&query, "l", &rule, &text, NULL);
	query_read_text(&query, "z", &rule, &text, NULL);
	query_fault(&query, "n", FIELD_NOT_ALLOWED, "ours");
	assert_faults(
	    "n out_of_range, m bad_format, k bad_format, b not_allowed, i bad_format, "
	    "t bad_format, c not_allowed, s too_short, l too_long, z bad_format, n not_allowed");
	assert_int_equal(number, 7);
	assert_true(flag);
	assert_string_equal(text, "kept");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    rig_test(parameters_are_decoded),
	    rig_test(what_does_not_decode_is_malformed),
	    rig_test(unknown_and_repeated_parameters_are_told),
	    rig_test(each_type_is_checked),
	};

	return cmocka_run_group_tests_name("edge/query", tests, NULL, NULL);
}

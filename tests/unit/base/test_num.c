#include "tests/unit/unit.h"

#include "shared/base/num.h"

static void
whole_numbers_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t value;
	} cases[] = {
	    {"0", 0},
	    {"-0", 0},
	    {"7", 7},
	    {"-7", -7},
	    {"1999", 1999},
	    {"9223372036854775807", INT64_MAX},
	    {"-9223372036854775808", INT64_MIN},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t value = 42;

		assert_err(ERR_OK, num_parse_i64(cases[i].text, INT64_MIN, INT64_MAX, &value));
		assert_int_equal(value, cases[i].value);
	}
}

static void
what_is_no_number_is_malformed(void **state)
{
	static const char *const cases[] = {"", "-", "--1", "+1", " 1", "1 ", "01", "-01", "00",
	    "1.0", "1e3", "0x1", "1a", "a", "99999999999999999999x", "\xD9\xA1"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t value = 42;

		assert_err(ERR_MALFORMED, num_parse_i64(cases[i], INT64_MIN, INT64_MAX, &value));
		assert_int_equal(value, 42);
	}
}

static void
a_number_beyond_its_bounds_is_invalid(void **state)
{
	int64_t value = 42;

	(void)state;
	assert_err(ERR_OK, num_parse_i64("1", 1, 100, &value));
	assert_err(ERR_OK, num_parse_i64("100", 1, 100, &value));
	assert_int_equal(value, 100);
	assert_err(ERR_VALIDATION, num_parse_i64("0", 1, 100, &value));
	assert_err(ERR_VALIDATION, num_parse_i64("101", 1, 100, &value));
	assert_err(ERR_VALIDATION, num_parse_i64("-1", 1, 100, &value));
	assert_int_equal(value, 100);
}

static void
a_number_beyond_64_bits_is_invalid(void **state)
{
	static const char *const cases[] = {"9223372036854775808", "-9223372036854775809",
	    "18446744073709551616", "18446744073709551617", "99999999999999999999999999999999999"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t value = 42;

		assert_err(ERR_VALIDATION, num_parse_i64(cases[i], INT64_MIN, INT64_MAX, &value));
		assert_int_equal(value, 42);
	}
}

static void
exact_results_are_written(void **state)
{
	int64_t number = 0;
	size_t size = 0;

	(void)state;
	assert_true(num_add_i64(INT64_MAX - 1, 1, &number));
	assert_int_equal(number, INT64_MAX);
	assert_true(num_mul_i64(INT64_MIN / 2, 2, &number));
	assert_int_equal(number, INT64_MIN);
	assert_true(num_add_size(SIZE_MAX - 1, 1, &size));
	assert_int_equal(size, SIZE_MAX);
	assert_true(num_mul_size(SIZE_MAX / 2, 2, &size));
	assert_int_equal(size, SIZE_MAX - 1);
	assert_true(num_mul_size(SIZE_MAX, 0, &size));
	assert_int_equal(size, 0);
}

static void
an_overflow_is_told_and_writes_nothing(void **state)
{
	int64_t number = 42;
	size_t size = 42;

	(void)state;
	assert_false(num_add_i64(INT64_MAX, 1, &number));
	assert_false(num_add_i64(INT64_MIN, -1, &number));
	assert_false(num_mul_i64(INT64_MIN, -1, &number));
	assert_false(num_mul_i64(INT64_MAX / 2 + 1, 2, &number));
	assert_int_equal(number, 42);
	assert_false(num_add_size(SIZE_MAX, 1, &size));
	assert_false(num_mul_size(SIZE_MAX / 2 + 1, 2, &size));
	assert_int_equal(size, 42);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_numbers_are_read),
	    cmocka_unit_test(what_is_no_number_is_malformed),
	    cmocka_unit_test(a_number_beyond_its_bounds_is_invalid),
	    cmocka_unit_test(a_number_beyond_64_bits_is_invalid),
	    cmocka_unit_test(exact_results_are_written),
	    cmocka_unit_test(an_overflow_is_told_and_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

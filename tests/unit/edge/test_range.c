#include "tests/unit/unit.h"

#include "shared/edge/range.h"

static void
assert_range(const char *value, enum range_kind kind, int64_t first, int64_t last)
{
	struct byte_range range = {-1, -1};

	assert_int_equal(range_parse(value, 100, &range), kind);
	assert_int_equal(range.first, first);
	assert_int_equal(range.last, last);
}

static void
one_range_is_served(void **state)
{
	(void)state;
	assert_range("bytes=0-0", RANGE_PART, 0, 0);
	assert_range("bytes=10-19", RANGE_PART, 10, 19);
	assert_range("Bytes= 10-19 ", RANGE_PART, 10, 19);
	assert_range("bytes=10-", RANGE_PART, 10, 99);
	assert_range("bytes=99-1000", RANGE_PART, 99, 99);
	assert_range("bytes=-1", RANGE_PART, 99, 99);
	assert_range("bytes=-1000", RANGE_PART, 0, 99);
	assert_range("bytes=0-99999999999999999999999", RANGE_PART, 0, 99);
}

static void
what_is_behind_the_end_is_not(void **state)
{
	(void)state;
	assert_range("bytes=100-", RANGE_NOT_SATISFIABLE, -1, -1);
	assert_range("bytes=100-200", RANGE_NOT_SATISFIABLE, -1, -1);
	assert_range("bytes=99999999999999999999999-", RANGE_NOT_SATISFIABLE, -1, -1);
	assert_range("bytes=-0", RANGE_NOT_SATISFIABLE, -1, -1);
}

static void
anything_else_is_not_heeded(void **state)
{
	static const char *const values[] = {"", "bytes", "bytes=", "bytes=-", "bytes=a-b",
	    "bytes=5", "bytes=5-4", "bytes=200-100", "bytes=0-1,5-6", "bytes=--5", "bytes=-5-",
	    "bytes=1-2x", "lines=0-1", "bytes=+1-2"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(values); i++)
		assert_range(values[i], RANGE_WHOLE, -1, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_range_is_served),
	    cmocka_unit_test(what_is_behind_the_end_is_not),
	    cmocka_unit_test(anything_else_is_not_heeded),
	};

	return cmocka_run_group_tests_name("edge/range", tests, NULL, NULL);
}

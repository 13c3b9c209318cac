#include <string.h>
#include <time.h>

#include "tests/unit/unit.h"

#include "shared/base/clock.h"

#define DAY_MS INT64_C(86400000)

static int64_t
hand_ms(void *context)
{
	return *(int64_t *)context;
}

static void
a_clock_can_be_injected(void **state)
{
	int64_t now_ms = 1234;
	struct clock clock = {hand_ms, hand_ms, &now_ms};

	(void)state;
	assert_int_equal(clock_now_ms(&clock), 1234);
	now_ms++;
	assert_int_equal(clock_monotonic_ms(&clock), 1235);
}

static void
the_systems_clock_tells_the_time_of_day(void **state)
{
	int64_t before_s = (int64_t)time(NULL);
	int64_t now_ms = clock_now_ms(&clock_system);
	int64_t first_ms = clock_monotonic_ms(&clock_system);

	(void)state;
	/* time() may lag behind by a tick. */
	assert_true(now_ms / 1000 >= before_s);
	assert_true(now_ms / 1000 <= (int64_t)time(NULL) + 1);
	assert_true(clock_monotonic_ms(&clock_system) >= first_ms);
}

static void
a_deadline_counts_down_to_zero(void **state)
{
	int64_t now_ms = 100;
	struct clock clock = {hand_ms, hand_ms, &now_ms};
	struct deadline deadline = deadline_in(&clock, 50);

	(void)state;
	assert_int_equal(deadline_left_ms(&deadline), 50);
	now_ms = 149;
	assert_int_equal(deadline_left_ms(&deadline), 1);
	now_ms = 150;
	assert_int_equal(deadline_left_ms(&deadline), 0);
	now_ms = 1000;
	assert_int_equal(deadline_left_ms(&deadline), 0);
}

static void
a_deadline_too_far_to_count_never_passes(void **state)
{
	int64_t now_ms = 100;
	struct clock clock = {hand_ms, hand_ms, &now_ms};
	struct deadline never = deadline_in(&clock, INT64_MAX);
	struct deadline past = deadline_in(&clock, -1);

	(void)state;
	assert_true(deadline_left_ms(&never) > 0);
	assert_int_equal(deadline_left_ms(&past), 0);
}

static const struct {
	int64_t unix_ms;
	const char *text;
} moments[] = {
    {0, "1970-01-01T00:00:00.000Z"},
    {-1, "1969-12-31T23:59:59.999Z"},
    {1, "1970-01-01T00:00:00.001Z"},
    {951782399999, "2000-02-28T23:59:59.999Z"},
    {951782400000, "2000-02-29T00:00:00.000Z"}, /* a leap year: divisible by 400 */
    {951868800000, "2000-03-01T00:00:00.000Z"},
    {1709164800000, "2024-02-29T00:00:00.000Z"},
    {4107542400000, "2100-03-01T00:00:00.000Z"}, /* none: divisible by 100 */
    {4107456000000, "2100-02-28T00:00:00.000Z"},
    {1735689599999, "2024-12-31T23:59:59.999Z"},
    {2147483648000, "2038-01-19T03:14:08.000Z"},
    {-62135596800000, "0001-01-01T00:00:00.000Z"},
    {253402300799999, "9999-12-31T23:59:59.999Z"},
};

static void
times_are_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(moments); i++) {
		char text[TIME_TEXT_SIZE];

		time_format(moments[i].unix_ms, text);
		assert_string_equal(text, moments[i].text);
	}
}

static void
written_times_are_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(moments); i++) {
		int64_t unix_ms = 42;

		assert_err(ERR_OK, time_parse(moments[i].text, &unix_ms));
		assert_int_equal(unix_ms, moments[i].unix_ms);
	}
}

/* Against the C library's calendar, a prime number of days apart, from the year 1 to 9999. */
static void
every_date_agrees_with_the_library(void **state)
{
	(void)state;
	for (int64_t ms = -62135596800000; ms < 253402300799999; ms += 97 * DAY_MS + 4567891) {
		time_t seconds = (time_t)((ms - (ms % 1000 + 1000) % 1000) / 1000);
		char expected[32];
		char text[TIME_TEXT_SIZE];
		char http[30];
		int64_t back = 0;
		struct tm tm;

		assert_non_null(gmtime_r(&seconds, &tm));
		time_format(ms, text);
		assert_int_equal(strftime(expected, sizeof(expected), "%m-%dT%H:%M:%S", &tm), 14);
		assert_memory_equal(text + 5, expected, 14);
		time_format_http(ms, http);
		assert_int_equal(
		    strftime(expected, sizeof(expected), "%a, %d %b 2000 %H:%M:%S GMT", &tm), 29);
		memcpy(expected + 12, text, 4);
		assert_string_equal(http, expected);
		assert_err(ERR_OK, time_parse(text, &back));
		assert_int_equal(back, ms);
	}
}

static void
times_outside_the_calendar_are_clamped(void **state)
{
	char text[TIME_TEXT_SIZE];
	char http[30];

	(void)state;
	time_format(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
	time_format(INT64_MIN, text);
	assert_string_equal(text, "0001-01-01T00:00:00.000Z");
	time_format_http(INT64_MIN, http);
	assert_string_equal(http, "Mon, 01 Jan 0001 00:00:00 GMT");
}

static void
http_dates_are_those_of_rfc_9110(void **state)
{
	char text[30];

	(void)state;
	time_format_http(784111777000, text);
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
}

static void
offsets_fractions_and_dates_alone_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t unix_ms;
	} cases[] = {
	    {"1970-01-02", DAY_MS},
	    {"1970-01-01T00:00:00Z", 0},
	    {"1970-01-01t00:00:00z", 0},
	    {"1970-01-01T01:00:00+01:00", 0},
	    {"1969-12-31T18:30:00-05:30", 0},
	    {"1970-01-01T00:00:00-00:00", 0},
	    {"1970-01-01T23:59:00+23:59", 0},
	    {"1970-01-01T00:00:00.1Z", 100},
	    {"1970-01-01T00:00:00.12Z", 120},
	    {"1970-01-01T00:00:00.123Z", 123},
	    {"1970-01-01T00:00:00.1239999999999999999999Z", 123},
	    {"1970-01-01T01:00:00.5+01:00", 500},
	    {"2016-12-31T23:59:60Z", 1483228799999},
	    {"2016-12-31T23:59:60.9Z", 1483228799999},
	    {"2017-01-01T00:59:60+01:00", 1483228799999},
	    {"0001-01-01", -62135596800000},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t unix_ms = 42;

		assert_err(ERR_OK, time_parse(cases[i].text, &unix_ms));
		assert_int_equal(unix_ms, cases[i].unix_ms);
	}
}

static void
what_is_no_time_is_malformed(void **state)
{
	static const char *const cases[] = {
	    "",
	    "now",
	    "1970",
	    "1970-01",
	    "1970-1-1",
	    "70-01-01",
	    "19700101",
	    "1970-00-01",
	    "1970-13-01",
	    "1970-01-00",
	    "1970-01-32",
	    "1970-04-31",
	    "2023-02-29",
	    "2100-02-29",
	    "0000-01-01",
	    "10000-01-01",
	    "-001-01-01",
	    "+1970-01-01",
	    " 1970-01-01",
	    "1970-01-01 ",
	    "1970-01-01T",
	    "1970-01-01T00",
	    "1970-01-01T00:00Z",
	    "1970-01-01T00:00:00",
	    "1970-01-01 00:00:00Z",
	    "1970-01-01T24:00:00Z",
	    "1970-01-01T00:60:00Z",
	    "1970-01-01T00:00:61Z",
	    "1970-01-01T00:00:60Z", /* no leap second but before midnight */
	    "2016-12-31T23:59:60+01:00",
	    "1970-01-01T00:00:00.Z",
	    "1970-01-01T00:00:00,5Z",
	    "1970-01-01T00:00:00ZZ",
	    "1970-01-01T00:00:00+1:00",
	    "1970-01-01T00:00:00+0100",
	    "1970-01-01T00:00:00+24:00",
	    "1970-01-01T00:00:00+00:60",
	    "1970-01-01T00:00:00+00:00x",
	    "0001-01-01T00:00:00+00:01", /* that is in the year 0 */
	    "9999-12-31T23:59:59-00:01",
	};
	int64_t unix_ms = 42;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_err(ERR_MALFORMED, time_parse(cases[i], &unix_ms));
	assert_int_equal(unix_ms, 42);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_clock_can_be_injected),
	    cmocka_unit_test(the_systems_clock_tells_the_time_of_day),
	    cmocka_unit_test(a_deadline_counts_down_to_zero),
	    cmocka_unit_test(a_deadline_too_far_to_count_never_passes),
	    cmocka_unit_test(times_are_written),
	    cmocka_unit_test(written_times_are_read_back),
	    cmocka_unit_test(every_date_agrees_with_the_library),
	    cmocka_unit_test(times_outside_the_calendar_are_clamped),
	    cmocka_unit_test(http_dates_are_those_of_rfc_9110),
	    cmocka_unit_test(offsets_fractions_and_dates_alone_are_read),
	    cmocka_unit_test(what_is_no_time_is_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <string.h>

#include "tests/unit/unit.h"

#include "shared/base/str.h"
#include "shared/base/trace.h"

#define TRACE  "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"

static void
a_trace_is_continued_under_a_new_parent(void **state)
{
	struct trace trace, again;

	(void)state;
	trace_continue("00-" TRACE "-" PARENT "-01", &trace);
	assert_string_equal(trace.trace_id, TRACE);
	assert_int_equal(strlen(trace.traceparent), 55);
	assert_memory_equal(trace.traceparent, "00-" TRACE "-", 36);
	assert_string_equal(trace.traceparent + 52, "-01");
	assert_memory_not_equal(trace.traceparent + 36, PARENT, 16);
	trace_continue(trace.traceparent, &again);
	assert_string_equal(again.trace_id, TRACE);
	assert_string_not_equal(again.traceparent, trace.traceparent);
}

static void
only_the_sampled_flag_goes_on(void **state)
{
	struct trace trace;

	(void)state;
	trace_continue("00-" TRACE "-" PARENT "-00", &trace);
	assert_string_equal(trace.traceparent + 52, "-00");
	trace_continue("00-" TRACE "-" PARENT "-fe", &trace);
	assert_string_equal(trace.traceparent + 52, "-00");
	trace_continue("00-" TRACE "-" PARENT "-ff", &trace);
	assert_string_equal(trace.traceparent + 52, "-01");
}

static void
a_later_version_is_read_as_far_as_it_is_known(void **state)
{
	struct trace trace;

	(void)state;
	trace_continue("cc-" TRACE "-" PARENT "-01", &trace);
	assert_string_equal(trace.trace_id, TRACE);
	trace_continue("cc-" TRACE "-" PARENT "-01-what-the-future-brings", &trace);
	assert_string_equal(trace.trace_id, TRACE);
	assert_memory_equal(trace.traceparent, "00-", 3);
}

static void
what_is_not_valid_makes_a_new_trace(void **state)
{
	static const char *const bad[] = {
	    NULL,
	    "",
	    "00",
	    "00-" TRACE "-" PARENT,
	    "00-" TRACE "-" PARENT "-0",
	    "00-" TRACE "-" PARENT "-01-",
	    "00-" TRACE "-" PARENT "-01x",
	    "cc-" TRACE "-" PARENT "-01x",
	    "ff-" TRACE "-" PARENT "-01",
	    "0x-" TRACE "-" PARENT "-01",
	    "00_" TRACE "-" PARENT "-01",
	    "00-" TRACE "_" PARENT "-01",
	    "00-" TRACE "-" PARENT "_01",
	    "00-4BF92F3577B34DA6A3CE929D0E0E4736-" PARENT "-01",
	    "00-00000000000000000000000000000000-" PARENT "-01",
	    "00-" TRACE "-0000000000000000-01",
	    "00-" TRACE "-00f067aa0ba902bg-01",
	    "00-" TRACE "-" PARENT "-0g",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct trace trace;

		trace_continue(bad[i], &trace);
		assert_int_equal(strlen(trace.trace_id), 32);
		assert_string_not_equal(trace.trace_id, TRACE);
		assert_string_not_equal(trace.trace_id, "00000000000000000000000000000000");
		assert_int_equal(strspn(trace.trace_id, "0123456789abcdef"), 32);
	}
}

static void
a_trace_id_is_taken_from_what_is_valid_alone(void **state)
{
	char trace_id[TRACE_ID_SIZE] = "as it was";

	(void)state;
	assert_null(trace_id_of(NULL, trace_id));
	assert_null(trace_id_of("00-" TRACE "-" PARENT, trace_id));
	assert_string_equal(trace_id, "as it was");
	assert_ptr_equal(trace_id_of("00-" TRACE "-" PARENT "-01", trace_id), trace_id);
	assert_string_equal(trace_id, TRACE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_trace_is_continued_under_a_new_parent),
	    cmocka_unit_test(only_the_sampled_flag_goes_on),
	    cmocka_unit_test(a_later_version_is_read_as_far_as_it_is_known),
	    cmocka_unit_test(what_is_not_valid_makes_a_new_trace),
	    cmocka_unit_test(a_trace_id_is_taken_from_what_is_valid_alone),
	};

	return cmocka_run_group_tests_name("base/trace", tests, NULL, NULL);
}

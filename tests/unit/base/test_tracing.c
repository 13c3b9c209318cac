#include <pthread.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "shared/base/str.h"
#include "shared/base/tracing.h"

#define PARENT "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

static struct tracing_record taken[TRACING_BATCH_MAX];

static void
record(const char *traceparent, const char *name)
{
	const struct tracing_attribute attributes[] = {
	    TRACING_TEXT("text", "a value"), TRACING_NUMBER("number", -7)};
	struct trace trace;

	trace_continue(traceparent, &trace);
	tracing_record(&(struct tracing_step){
	    .trace = &trace,
	    .kind = TRACING_CLIENT,
	    .name = name,
	    .start_ns = tracing_now_ns(),
	    .attributes = attributes,
	    .count = 2,
	});
}

static int
start(void **state)
{
	(void)state;
	return tracing_start() == ERR_OK ? 0 : -1;
}

static int
stop(void **state)
{
	(void)state;
	tracing_stop();
	tracing_stop();
	return 0;
}

static void
nothing_is_kept_before_it_is_started(void **state)
{
	(void)state;
	assert_false(tracing_is_on());
	record(PARENT, "early");
}

static void
a_step_comes_out_as_it_was(void **state)
{
	(void)state;
	record(PARENT, "a step");
	assert_int_equal(tracing_take(taken), 1);
	assert_string_equal(taken[0].name, "a step");
	assert_string_equal(taken[0].trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
	assert_string_equal(taken[0].parent_id, "00f067aa0ba902b7");
	assert_int_equal(strlen(taken[0].span_id), 16);
	assert_string_not_equal(taken[0].span_id, taken[0].parent_id);
	assert_true(taken[0].end_ns >= taken[0].start_ns);
	assert_int_equal(taken[0].count, 2);
	assert_string_equal(taken[0].attributes[0].text, "a value");
	assert_false(taken[0].attributes[1].is_text);
	assert_int_equal(taken[0].attributes[1].number, -7);
	assert_string_equal(taken[0].error, "");
	assert_int_equal(tracing_take(taken), 0);
}

static void
an_unsampled_step_is_not_kept(void **state)
{
	(void)state;
	record("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", "unsampled");
	assert_int_equal(tracing_take(taken), 0);
}

static void
a_step_without_a_parent_begins_a_trace(void **state)
{
	(void)state;
	record(NULL, "first");
	assert_int_equal(tracing_take(taken), 1);
	assert_string_equal(taken[0].parent_id, "");
}

static void
a_long_text_is_cut(void **state)
{
	char name[2 * TRACING_TEXT_SIZE];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	record(PARENT, name);
	assert_int_equal(tracing_take(taken), 1);
	assert_int_equal(strlen(taken[0].name), TRACING_TEXT_SIZE - 1);
}

static void *
record_many(void *argument)
{
	(void)argument;
	for (int i = 0; i < TRACING_QUEUE_MAX; i++)
		record(PARENT, "one of many");
	return NULL;
}

static void
a_full_queue_drops_what_comes_and_counts_it(void **state)
{
	int64_t before = tracing_dropped();
	pthread_t threads[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, record_many, NULL), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(tracing_dropped() - before, TRACING_QUEUE_MAX);
	tracing_wait(INT64_C(1000000)); /* a batch is full: at once */
	assert_int_equal(tracing_take(taken), TRACING_BATCH_MAX);
	record(PARENT, "there is room again");
	assert_int_equal(tracing_take(taken), TRACING_BATCH_MAX);
	assert_int_equal(tracing_take(taken), 1);
	assert_string_equal(taken[0].name, "there is room again");
}

static void
who_waits_is_woken(void **state)
{
	(void)state;
	tracing_wake();
	tracing_wait(INT64_C(1000000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_kept_before_it_is_started),
	    cmocka_unit_test_setup_teardown(a_step_comes_out_as_it_was, start, stop),
	    cmocka_unit_test_setup_teardown(an_unsampled_step_is_not_kept, start, stop),
	    cmocka_unit_test_setup_teardown(a_step_without_a_parent_begins_a_trace, start, stop),
	    cmocka_unit_test_setup_teardown(a_long_text_is_cut, start, stop),
	    cmocka_unit_test_setup_teardown(
		a_full_queue_drops_what_comes_and_counts_it, start, stop),
	    cmocka_unit_test_setup_teardown(who_waits_is_woken, start, stop),
	};

	return cmocka_run_group_tests_name("base/tracing", tests, NULL, NULL);
}

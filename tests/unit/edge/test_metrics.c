#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "shared/edge/metrics.h"

static const struct metric_family count = {
    .name = "things_total",
    .type = METRIC_COUNTER,
    .help = "Things, \"quoted\".\nTwo lines.",
    .labels = {"kind", "size"},
};
static const struct metric_family level = {.name = "level", .type = METRIC_GAUGE, .help = "Level."};
static const struct metric_family took = {
    .name = "took_seconds",
    .type = METRIC_HISTOGRAM,
    .help = "Time.",
    .labels = {"what"},
};

static const char *const none[METRIC_LABELS_MAX] = {NULL};

static struct metrics *metrics;
static struct buf text;

static int
setup(void **state)
{
	(void)state;
	buf_init(&text, (size_t)4 << 20);
	return metrics_new(&metrics) == ERR_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	metrics_free(&metrics);
	metrics_free(&metrics);
	buf_fini(&text);
	return 0;
}

static void
assert_printed(const char *part)
{
	buf_reset(&text);
	metrics_write(metrics, &text);
	assert_err(ERR_OK, buf_finish(&text));
	if (strstr(text.data, part) == NULL)
		fail_msg("not there: %s\nin:\n%s", part, text.data);
}

static void
counters_and_gauges_are_printed(void **state)
{
	const char *const a[METRIC_LABELS_MAX] = {"a\"b\\c\nd", "1"};
	const char *const b[METRIC_LABELS_MAX] = {"a", "2"};

	(void)state;
	metric_add(metrics, &count, a, 2);
	metric_add(metrics, &level, none, 5);
	metric_add(metrics, &count, b, 1);
	metric_add(metrics, &count, a, 3);
	metric_add(metrics, &level, none, -7);
	assert_printed("# HELP things_total Things, \"quoted\".\\nTwo lines.\n"
		       "# TYPE things_total counter\n"
		       "things_total{kind=\"a\\\"b\\\\c\\nd\",size=\"1\"} 5\n"
		       "things_total{kind=\"a\",size=\"2\"} 1\n"
		       "# HELP level Level.\n"
		       "# TYPE level gauge\n"
		       "level -2\n");
	metric_set(metrics, &level, none, 9);
	assert_printed("level 9\n");
	assert_printed("shop_metrics_dropped_total 0\n");
}

static void
histograms_count_up(void **state)
{
	const char *const a[METRIC_LABELS_MAX] = {"a"};

	(void)state;
	metric_observe_ms(metrics, &took, a, 0);
	metric_observe_ms(metrics, &took, a, 1);
	metric_observe_ms(metrics, &took, a, 2500);
	metric_observe_ms(metrics, &took, a, 99999);
	assert_printed("took_seconds_bucket{what=\"a\",le=\"0.001\"} 2\n");
	assert_printed("took_seconds_bucket{what=\"a\",le=\"1\"} 2\n");
	assert_printed("took_seconds_bucket{what=\"a\",le=\"2.5\"} 3\n");
	assert_printed("took_seconds_bucket{what=\"a\",le=\"10\"} 3\n"
		       "took_seconds_bucket{what=\"a\",le=\"+Inf\"} 4\n"
		       "took_seconds_sum{what=\"a\"} 102.500\n"
		       "took_seconds_count{what=\"a\"} 4\n");
}

static void
values_don_t_run_into_each_other(void **state)
{
	const char *const a[METRIC_LABELS_MAX] = {"ab", "c"};
	const char *const b[METRIC_LABELS_MAX] = {"a", "bc"};

	(void)state;
	metric_add(metrics, &count, a, 1);
	metric_add(metrics, &count, b, 2);
	assert_printed("{kind=\"ab\",size=\"c\"} 1\n");
	assert_printed("{kind=\"a\",size=\"bc\"} 2\n");
}

static void
a_family_has_a_last_series(void **state)
{
	char number[16];
	const char *const values[METRIC_LABELS_MAX] = {number, "x"};

	(void)state;
	for (int i = 0; i < METRICS_SERIES_MAX + 7; i++) {
		(void)snprintf(number, sizeof(number), "%d", i);
		metric_add(metrics, &count, values, 1);
	}
	(void)snprintf(number, sizeof(number), "0");
	metric_add(metrics, &count, values, 1);
	metric_set(metrics, &level, none, 1);
	assert_printed("things_total{kind=\"0\",size=\"x\"} 2\n");
	assert_printed("level 1\n");
	assert_printed("shop_metrics_dropped_total 7\n");
	assert_null(strstr(text.data, "kind=\"512\""));
}

#define THREADS 4
#define ROUNDS  2000

static void *
add_many(void *unused)
{
	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		char number[16];
		const char *const values[METRIC_LABELS_MAX] = {number, "x"};

		(void)snprintf(number, sizeof(number), "%d", i % 50);
		metric_add(metrics, &count, values, 1);
		metric_observe_ms(metrics, &took, values, i);
	}
	return NULL;
}

static void
threads_lose_nothing(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_many, NULL), 0);
	assert_printed("shop_metrics_dropped_total 0\n");
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_printed("things_total{kind=\"49\",size=\"x\"} 160\n");
	assert_printed("took_seconds_count{what=\"49\"} 160\n");
}

#define metrics_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    metrics_test(counters_and_gauges_are_printed),
	    metrics_test(histograms_count_up),
	    metrics_test(values_don_t_run_into_each_other),
	    metrics_test(a_family_has_a_last_series),
	    metrics_test(threads_lose_nothing),
	};

	return cmocka_run_group_tests_name("edge/metrics", tests, NULL, NULL);
}

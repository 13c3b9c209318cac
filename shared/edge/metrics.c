#include "shared/edge/metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/check.h"
#include "shared/base/macros.h"

#define BUCKETS 512 /* of the hash table; more series than that only make the chains longer */

static const int64_t bounds_ms[] = {1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000};
#define BOUND_COUNT COUNT_OF(bounds_ms)

struct histogram {
	_Atomic int64_t counts[BOUND_COUNT + 1]; /* of each bucket alone; the last is +Inf */
	_Atomic int64_t sum_ms;
};

struct series {
	struct series *next_in_bucket; /* fixed once it is in the table */
	struct series *next_of_family;
	const struct metric_family *family;
	char *values[METRIC_LABELS_MAX]; /* point behind this struct; NULL beyond the labels */
	_Atomic int64_t value;
	struct histogram *histogram; /* NULL but for METRIC_HISTOGRAM */
};

struct family_entry {
	struct family_entry *next;
	const struct metric_family *family;
	struct series *first, *last;
	size_t count;
};

struct metrics {
	pthread_mutex_t mutex; /* held to add series and to print; never to find or to count */
	_Atomic(struct series *) buckets[BUCKETS];
	struct family_entry *first, *last;
	_Atomic int64_t dropped;
};

enum err
metrics_new(struct metrics **out)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics));

	TRY_ALLOC(metrics);
	if (pthread_mutex_init(&metrics->mutex, NULL) != 0) {
		free(metrics);
		return ERR_INTERNAL;
	}
	*out = metrics;
	return ERR_OK;
}

static void
free_series(struct series *series)
{
	while (series != NULL) {
		struct series *next = series->next_of_family;

		free(series->histogram);
		free(series);
		series = next;
	}
}

void
metrics_free(struct metrics **owner)
{
	struct metrics *metrics = *owner;

	if (metrics == NULL)
		return;
	while (metrics->first != NULL) {
		struct family_entry *entry = metrics->first;

		metrics->first = entry->next;
		free_series(entry->first);
		free(entry);
	}
	(void)pthread_mutex_destroy(&metrics->mutex);
	free(metrics);
	*owner = NULL;
}

static size_t
label_count(const struct metric_family *family)
{
	size_t count = 0;

	while (count < METRIC_LABELS_MAX && family->labels[count] != NULL)
		count++;
	return count;
}

/* FNV-1a over the family's address and the values. */
static size_t
bucket_of(const struct metric_family *family, const char *const *values, size_t count)
{
	uint64_t hash = UINT64_C(14695981039346656037) ^ (uint64_t)(uintptr_t)family;

	for (size_t i = 0; i < count; i++) {
		for (const char *at = values[i]; *at != '\0'; at++)
			hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
		hash = (hash ^ 0xFF) * UINT64_C(1099511628211);
	}
	return (size_t)((hash ^ hash >> 32) % BUCKETS);
}

static struct series *
find_series(struct series *series, const struct metric_family *family, const char *const *values,
    size_t count)
{
	for (; series != NULL; series = series->next_in_bucket) {
		size_t i = 0;

		if (series->family != family)
			continue;
		while (i < count && strcmp(series->values[i], values[i]) == 0)
			i++;
		if (i == count)
			return series;
	}
	return NULL;
}

static struct series *
make_series(const struct metric_family *family, const char *const *values, size_t count)
{
	size_t lengths = 0;
	struct series *series;
	char *text;

	for (size_t i = 0; i < count; i++)
		lengths += strlen(values[i]) + 1;
	series = calloc(1, sizeof(*series) + lengths);
	if (series == NULL)
		return NULL;
	series->family = family;
	text = (char *)(series + 1);
	for (size_t i = 0; i < count; i++) {
		size_t size = strlen(values[i]) + 1;

		memcpy(text, values[i], size);
		series->values[i] = text;
		text += size;
	}
	if (family->type != METRIC_HISTOGRAM)
		return series;
	series->histogram = calloc(1, sizeof(*series->histogram));
	if (series->histogram == NULL) {
		free(series);
		return NULL;
	}
	return series;
}

/* With the mutex held. */
static struct family_entry *
entry_of(struct metrics *metrics, const struct metric_family *family)
{
	struct family_entry *entry = metrics->first;

	while (entry != NULL && entry->family != family)
		entry = entry->next;
	if (entry != NULL)
		return entry;
	entry = calloc(1, sizeof(*entry));
	if (entry == NULL)
		return NULL;
	entry->family = family;
	if (metrics->last != NULL)
		metrics->last->next = entry;
	else
		metrics->first = entry;
	metrics->last = entry;
	return entry;
}

/* With the mutex held: a new series, in the table from here on; NULL when there are too many. */
static struct series *
add_series(struct metrics *metrics, const struct metric_family *family, const char *const *values,
    size_t count, size_t bucket)
{
	struct family_entry *entry = entry_of(metrics, family);
	struct series *series;

	if (entry == NULL || entry->count == METRICS_SERIES_MAX)
		return NULL;
	series = make_series(family, values, count);
	if (series == NULL)
		return NULL;
	if (entry->last != NULL)
		entry->last->next_of_family = series;
	else
		entry->first = series;
	entry->last = series;
	entry->count++;
	series->next_in_bucket = atomic_load(&metrics->buckets[bucket]);
	atomic_store(&metrics->buckets[bucket], series);
	return series;
}

/* NULL when it is dropped. */
static struct series *
get_series(struct metrics *metrics, const struct metric_family *family, const char *const *values)
{
	size_t count = label_count(family);
	size_t bucket = bucket_of(family, values, count);
	struct series *series;

	series = find_series(atomic_load(&metrics->buckets[bucket]), family, values, count);
	if (series != NULL)
		return series;
	check(pthread_mutex_lock(&metrics->mutex) == 0);
	series = find_series(atomic_load(&metrics->buckets[bucket]), family, values, count);
	if (series == NULL)
		series = add_series(metrics, family, values, count, bucket);
	check(pthread_mutex_unlock(&metrics->mutex) == 0);
	if (series == NULL)
		(void)atomic_fetch_add(&metrics->dropped, 1);
	return series;
}

void
metric_add(struct metrics *metrics, const struct metric_family *family,
    const char *const values[METRIC_LABELS_MAX], int64_t delta)
{
	struct series *series = get_series(metrics, family, values);

	if (series != NULL)
		(void)atomic_fetch_add_explicit(&series->value, delta, memory_order_relaxed);
}

void
metric_set(struct metrics *metrics, const struct metric_family *family,
    const char *const values[METRIC_LABELS_MAX], int64_t value)
{
	struct series *series = get_series(metrics, family, values);

	if (series != NULL)
		atomic_store_explicit(&series->value, value, memory_order_relaxed);
}

void
metric_observe_ms(struct metrics *metrics, const struct metric_family *family,
    const char *const values[METRIC_LABELS_MAX], int64_t milliseconds)
{
	struct series *series = get_series(metrics, family, values);
	size_t at = 0;

	if (series == NULL)
		return;
	check(series->histogram != NULL);
	while (at < BOUND_COUNT && milliseconds > bounds_ms[at])
		at++;
	(void)atomic_fetch_add_explicit(&series->histogram->counts[at], 1, memory_order_relaxed);
	(void)atomic_fetch_add_explicit(
	    &series->histogram->sum_ms, milliseconds, memory_order_relaxed);
}

/* A help text, or a label's value, which stands in quotes: the escapes of the format. */
static void
put_escaped(struct buf *out, const char *text, bool quoted)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			buf_puts(out, "\\n");
		else if (*text == '\\' || (quoted && *text == '"'))
			buf_printf(out, "\\%c", *text);
		else
			buf_putc(out, *text);
	}
}

/* NAME SUFFIX {labels, le="LE"}; LE may be NULL. */
static void
put_name(struct buf *out, const struct series *series, const char *suffix, const char *le)
{
	size_t count = label_count(series->family);

	buf_printf(out, "%s%s", series->family->name, suffix);
	if (count == 0 && le == NULL) {
		buf_putc(out, ' ');
		return;
	}
	for (size_t i = 0; i < count; i++) {
		buf_printf(out, "%c%s=\"", i == 0 ? '{' : ',', series->family->labels[i]);
		put_escaped(out, series->values[i], true);
		buf_putc(out, '"');
	}
	if (le != NULL)
		buf_printf(out, "%cle=\"%s\"", count == 0 ? '{' : ',', le);
	buf_puts(out, "} ");
}

static void
put_histogram(struct buf *out, const struct series *series)
{
	const struct histogram *histogram = series->histogram;
	int64_t sum_ms = atomic_load_explicit(&histogram->sum_ms, memory_order_relaxed);
	int64_t count = 0;

	for (size_t i = 0; i <= BOUND_COUNT; i++) {
		char le[16] = "+Inf";

		count += atomic_load_explicit(&histogram->counts[i], memory_order_relaxed);
		if (i < BOUND_COUNT)
			(void)snprintf(le, sizeof(le), "%g", (double)bounds_ms[i] / 1000);
		put_name(out, series, "_bucket", le);
		buf_printf(out, "%" PRId64 "\n", count);
	}
	put_name(out, series, "_sum", NULL);
	buf_printf(out, "%" PRId64 ".%03" PRId64 "\n", sum_ms / 1000, sum_ms % 1000);
	put_name(out, series, "_count", NULL);
	buf_printf(out, "%" PRId64 "\n", count);
}

static void
put_heading(struct buf *out, const struct metric_family *family)
{
	static const char *const types[] = {
	    [METRIC_COUNTER] = "counter",
	    [METRIC_GAUGE] = "gauge",
	    [METRIC_HISTOGRAM] = "histogram",
	};

	buf_printf(out, "# HELP %s ", family->name);
	put_escaped(out, family->help, false);
	buf_printf(out, "\n# TYPE %s %s\n", family->name, types[family->type]);
}

static void
put_family(struct buf *out, const struct family_entry *entry)
{
	put_heading(out, entry->family);
	for (const struct series *series = entry->first; series != NULL;
	     series = series->next_of_family) {
		if (series->histogram != NULL) {
			put_histogram(out, series);
			continue;
		}
		put_name(out, series, "", NULL);
		buf_printf(out, "%" PRId64 "\n",
		    atomic_load_explicit(&series->value, memory_order_relaxed));
	}
}

void
metrics_write(struct metrics *metrics, struct buf *out)
{
	static const struct metric_family dropped = {
	    .name = "shop_metrics_dropped_total",
	    .type = METRIC_COUNTER,
	    .help = "Updates that were lost because a family had too many series.",
	};

	check(pthread_mutex_lock(&metrics->mutex) == 0);
	for (const struct family_entry *entry = metrics->first; entry != NULL; entry = entry->next)
		put_family(out, entry);
	check(pthread_mutex_unlock(&metrics->mutex) == 0);
	put_heading(out, &dropped);
	buf_printf(out, "%s %" PRId64 "\n", dropped.name, atomic_load(&metrics->dropped));
}

/*
 * tests/bench/catalogue_lists: how long each kind of list and search takes in two catalogues, which
 * are asked in turns.
 *
 *   catalogue_lists URI SMALL LARGE SAMPLES
 *
 * Writes a table; fails when the large one's 99th percentile of a kind is too many times as long.
 */
#include <math.h>
#include <time.h>
#include <unistd.h>

#include "dev/catalogue_stores.h"

#include "fcgi/items/category_census.h"
#include "shared/base/fault.h"
#include "shared/base/macros.h"

#define SAMPLES_MAX 10000
#define SECONDS_MAX 900 /* after which no more samples are taken */
#define LIST_MS     30000
#define LIST_FAILED UINT32_MAX
#define RATIO_MAX   3.0
#define ITEMS_MAX   100000000

/* WORDS: of a search, "T" a thing, "A" an adjective, "B" a thing that is only begun, "M" a maker,
 * "Z" what is nowhere; NULL: it is the list of categories.  CONDITIONS: "c" a category, "t" a tag,
 * "s" a seller, "p" prices of some twenty euros, "f" from a hundred on, "o" out of stock, "i" in
 * stock. */
static const struct kind {
	const char *name;
	enum item_sort sort;
	const char *words, *conditions;
	bool deep; /* not the first page, but one that begins anywhere */
} kinds[] = {
    {"newest", ITEM_SORT_CREATED_DOWN, "", "", false},
    {"oldest", ITEM_SORT_CREATED, "", "", false},
    {"cheapest", ITEM_SORT_PRICE, "", "", false},
    {"dearest", ITEM_SORT_PRICE_DOWN, "", "", false},
    {"by name", ITEM_SORT_NAME, "", "", false},
    {"category", ITEM_SORT_CREATED_DOWN, "", "c", false},
    {"category, cheapest", ITEM_SORT_PRICE, "", "c", false},
    {"tag, by name", ITEM_SORT_NAME, "", "t", false},
    {"seller", ITEM_SORT_CREATED_DOWN, "", "s", false},
    {"seller, by name", ITEM_SORT_NAME, "", "s", false},
    {"prices", ITEM_SORT_CREATED_DOWN, "", "p", false},
    {"prices, dearest", ITEM_SORT_PRICE_DOWN, "", "p", false},
    {"out of stock", ITEM_SORT_CREATED_DOWN, "", "o", false},
    {"word", ITEM_SORT_CREATED_DOWN, "T", "", false},
    {"word, cheapest", ITEM_SORT_PRICE, "T", "", false},
    {"word, by name", ITEM_SORT_NAME, "T", "", false},
    {"two words", ITEM_SORT_CREATED_DOWN, "AT", "", false},
    {"begun word", ITEM_SORT_CREATED_DOWN, "B", "", false},
    {"rare word", ITEM_SORT_PRICE, "M", "", false},
    {"word in category", ITEM_SORT_PRICE, "T", "c", false},
    {"tag in category", ITEM_SORT_CREATED_DOWN, "", "ct", false},
    {"tag, prices, in stock", ITEM_SORT_CREATED_DOWN, "", "tfi", false},
    {"all of it", ITEM_SORT_NAME, "AT", "ctfi", false},
    {"no hit", ITEM_SORT_CREATED_DOWN, "Z", "", false},
    {"no hit among two words", ITEM_SORT_PRICE, "ZT", "", false},
    {"newest, deep", ITEM_SORT_CREATED_DOWN, "", "", true},
    {"cheapest, deep", ITEM_SORT_PRICE, "", "", true},
    {"by name, deep", ITEM_SORT_NAME, "", "", true},
    {"category, deep", ITEM_SORT_CREATED_DOWN, "", "c", true},
    {"begun word, deep", ITEM_SORT_CREATED_DOWN, "B", "", true},
    {"categories", ITEM_SORT_CREATED, NULL, NULL, false},
};
#define KINDS COUNT_OF(kinds)

struct catalogue {
	struct stores stores;
	struct category_store categories;
	uint64_t count; /* of items */
	size_t samples;
	uint32_t micros[KINDS][SAMPLES_MAX]; /* LIST_FAILED: it brought nothing */
};

static const char *
word_of(struct arena *arena, char what, uint64_t at)
{
	const char *thing = PICK(things, at, 30);

	switch (what) {
	case 'A':
		return PICK(adjectives, at, 31);
	case 'B':
		return arena_printf(arena, "%.3s", thing);
	case 'M':
		return maker(arena, mix(at, 35) % MAKER_WORDS);
	case 'Z':
		return "zzyzx";
	default:
		return thing;
	}
}

static void
add_condition(struct arena *arena, char what, uint64_t at, struct item_filter *filter)
{
	switch (what) {
	case 'c':
		filter->category = category(arena, mix(at, 32) % CATEGORIES);
		break;
	case 't':
		filter->tag = PICK(adjectives, at, 31);
		break;
	case 's':
		filter->has_seller = true;
		seller_id(mix(at, 33) % 10000, &filter->seller_id);
		break;
	case 'p':
		filter->currency = "EUR";
		filter->has_min_price = filter->has_max_price = true;
		filter->min_price = (int64_t)(mix(at, 34) % 50000);
		filter->max_price = filter->min_price + 2000;
		break;
	case 'f':
		filter->currency = "EUR";
		filter->has_min_price = true;
		filter->min_price = 10000;
		break;
	default:
		filter->has_in_stock = true;
		filter->in_stock = what == 'i';
	}
}

static struct item_filter
filter_of(struct arena *arena, const struct kind *kind, uint64_t at)
{
	struct item_filter filter = {.sort = kind->sort};
	const char *q = "";

	for (const char *what = kind->words; *what != '\0'; what++)
		q = arena_printf(arena, "%s %s", q, word_of(arena, *what, at));
	if (*q != '\0')
		must(words_of_search(arena, q, &filter.words, &filter.beginning), "words");
	for (const char *what = kind->conditions; *what != '\0'; what++)
		add_condition(arena, *what, at, &filter);
	return filter;
}

/* The first page; or, for a deep one, what is behind any item. */
static struct page
page_of(struct catalogue *catalogue, const struct kind *kind, uint64_t at)
{
	struct page page = {.limit = 20};
	struct item item;

	if (!kind->deep)
		return page;
	make_item(catalogue->stores.arena, mix(at, 36) % catalogue->count, &item);
	page.has_after = true;
	page.after_id = item.id;
	if (kind->sort == ITEM_SORT_NAME)
		must(
		    words_sort_key(catalogue->stores.arena, item.name, &page.after_text), "a name");
	else if (kind->sort == ITEM_SORT_PRICE)
		page.after_number = item.price.amount_minor;
	else
		page.after_number = item.created_at_ms;
	return page;
}

struct shown {
	int64_t limit, count;
};

/* One more than the page's items ends it, as in an answer. */
static enum err
count_shown(void *context, const struct item *item, const struct page_key *key, bool *stop)
{
	struct shown *shown = context;

	(void)item;
	(void)key;
	*stop = ++shown->count > shown->limit;
	return ERR_OK;
}

static enum err
run_list(struct catalogue *catalogue, const struct kind *kind, uint64_t at)
{
	const struct item_filter filter = filter_of(catalogue->stores.arena, kind, at);
	const struct page page = page_of(catalogue, kind, at);
	struct shown shown = {.limit = page.limit};
	const struct item_walk walk = {.each = count_shown, .context = &shown};
	struct deadline deadline = deadline_in(&clock_system, LIST_MS);
	struct page_key resume;
	bool ended_early;

	return item_query_run(&catalogue->stores.items, &deadline, catalogue->stores.arena, &filter,
	    &page, &walk, &resume, &ended_early);
}

static enum err
show_no_category(void *context, const char *category, int64_t items)
{
	(void)context;
	(void)category;
	(void)items;
	return ERR_OK;
}

static enum err
list_categories(struct catalogue *catalogue)
{
	struct deadline deadline = deadline_in(&clock_system, LIST_MS);
	struct fault fault;

	fault_init(&fault, catalogue->stores.arena);
	return category_store_each(&catalogue->categories, &deadline, catalogue->stores.arena,
	    &fault, show_no_category, NULL);
}

static uint32_t
time_list(struct catalogue *catalogue, const struct kind *kind, uint64_t at)
{
	struct timespec start, end;
	enum err err;

	check(clock_gettime(CLOCK_MONOTONIC, &start) == 0);
	err = kind->words == NULL ? list_categories(catalogue) : run_list(catalogue, kind, at);
	check(clock_gettime(CLOCK_MONOTONIC, &end) == 0);
	arena_reset(catalogue->stores.arena);
	if (err != ERR_OK) {
		(void)fprintf(stderr, "\r  \"%s\", sample %" PRIu64 ", fails: %s\n", kind->name, at,
		    err_name(err));
		return LIST_FAILED;
	}
	return (
	    uint32_t)((end.tv_sec - start.tv_sec) * 1000000 + (end.tv_nsec - start.tv_nsec) / 1000);
}

static int
compare(const void *a, const void *b)
{
	const uint32_t *left = a;
	const uint32_t *right = b;

	return (*left > *right) - (*left < *right);
}

static uint32_t
percentile(struct catalogue *catalogue, size_t kind, size_t percent)
{
	uint32_t *micros = catalogue->micros[kind];

	qsort(micros, catalogue->samples, sizeof(*micros), compare);
	return micros[(catalogue->samples - 1) * percent / 100];
}

static bool
has_failed(struct catalogue *catalogue, size_t kind)
{
	return percentile(catalogue, kind, 100) == LIST_FAILED;
}

/* How many times as long the 99th percentile is; INFINITY when a list failed. */
static double
report(size_t kind, struct catalogue *small, struct catalogue *large)
{
	uint32_t small_p99 = percentile(small, kind, 99);
	uint32_t large_p99 = percentile(large, kind, 99);
	bool failed = has_failed(small, kind) || has_failed(large, kind);
	double ratio = failed ? (double)INFINITY : (double)large_p99 / (double)small_p99;

	(void)printf("| %-24s | %8.1f | %8.1f | %8.1f | %8.1f | %7.2f |%s\n", kinds[kind].name,
	    percentile(small, kind, 50) / 1000.0, small_p99 / 1000.0,
	    percentile(large, kind, 50) / 1000.0, large_p99 / 1000.0, ratio,
	    failed                  ? " failed"
		: ratio > RATIO_MAX ? " over"
				    : "");
	return ratio;
}

/* The worst ratio. */
static double
report_all(struct catalogue *small, struct catalogue *large)
{
	double worst = 0;

	(void)printf("| ms | %" PRIu64 " items, 50 %% | 99 %% | %" PRIu64
		     " items, 50 %% | 99 %% | ratio of 99 %% |\n|---|--:|--:|--:|--:|--:|\n",
	    small->count, large->count);
	for (size_t kind = 0; kind < KINDS; kind++) {
		double ratio = report(kind, small, large);

		worst = ratio > worst ? ratio : worst;
	}
	(void)printf("\n%zu samples each; the worst ratio is %.2f, of %.0f allowed.\n",
	    small->samples, worst, RATIO_MAX);
	return worst;
}

/* What the items' threads do in the background. */
static void
take_census(struct catalogue *catalogue)
{
	struct deadline deadline = deadline_in(&clock_system, TIMEOUT_MS);
	struct category_census census;
	bool more, first;

	must(category_census_init(&catalogue->stores.mongo, &census), "a census");
	do {
		must(category_census_begin(
			 &census, &deadline, clock_now_ms(&clock_system), &more, &first),
		    "a census");
		if (first && !more) /* a run that was killed had begun it */
			(void)sleep(1);
	} while (first && !more);
	while (more)
		must(category_census_step(&census, &deadline, clock_now_ms(&clock_system), &more),
		    "a census");
	category_census_fini(&census);
}

static void
open_catalogue(const char *uri, const char *database, struct catalogue *out)
{
	open_stores(uri, database, &out->stores);
	out->count = first_missing(&out->stores, ITEMS_MAX) * BATCH;
	if (out->count == 0)
		fail("there is no catalogue");
	category_store_init(&out->stores.mongo, &out->categories);
	take_census(out);
}

static void
close_catalogue(struct catalogue *catalogue)
{
	category_store_fini(&catalogue->categories);
	close_stores(&catalogue->stores);
}

static void
take_samples(struct catalogue *small, struct catalogue *large, size_t samples)
{
	const int64_t end_ms = clock_monotonic_ms(&clock_system) + SECONDS_MAX * 1000;
	size_t i;

	for (i = 0; i < samples && clock_monotonic_ms(&clock_system) < end_ms; i++) {
		for (size_t kind = 0; kind < KINDS; kind++) {
			small->micros[kind][i] = time_list(small, &kinds[kind], i);
			large->micros[kind][i] = time_list(large, &kinds[kind], i);
		}
		if (isatty(STDERR_FILENO))
			(void)fprintf(stderr, "\r  round %zu of %zu%s", i + 1, samples,
			    i + 1 == samples ? "\n" : "");
	}
	small->samples = large->samples = i;
}

int
main(int argc, char **argv)
{
	static struct catalogue small, large;
	unsigned long long samples;
	double worst;

	log_init("catalogue", LOG_ERROR, STDERR_FILENO);
	if (argc != 5)
		fail("usage: catalogue_lists URI SMALL LARGE SAMPLES");
	samples = strtoull(argv[4], NULL, 10);
	if (samples == 0 || samples > SAMPLES_MAX)
		fail("SAMPLES is from 1 to 10000");
	open_catalogue(argv[1], argv[2], &small);
	open_catalogue(argv[1], argv[3], &large);
	take_samples(&small, &large, (size_t)samples);
	worst = report_all(&small, &large);
	close_catalogue(&small);
	close_catalogue(&large);
	return worst <= RATIO_MAX ? EXIT_SUCCESS : EXIT_FAILURE;
}

/*
 * dev/catalogue: a believable catalogue, and how long its lists take.
 *
 *   catalogue seed URI DATABASE ITEMS          up to ITEMS items; goes on where it was interrupted
 *   catalogue measure URI SMALL LARGE SAMPLES  each kind of list in both databases, in turns
 *
 * The items are made, and the lists asked for, by the program's own code.  Every item is derived
 * from its number alone.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "dev/catalogue_items.h"

#include "fcgi/items/indexes.h"
#include "fcgi/items/item_query.h"
#include "shared/base/log.h"

#define BATCH       500
#define THREADS     4
#define SAMPLES_MAX 10000
#define RATIO_MAX   3.0
#define ARENA_BYTES ((size_t)16 << 20)
#define TIMEOUT_MS  600000

struct stores {
	struct mongo_pool *pool;
	struct mongo mongo;
	struct item_store items;
	struct arena *arena;
};

static void
open_stores(const char *uri, const char *database, struct stores *out)
{
	must(mongo_pool_new(uri, database, TIMEOUT_MS, "catalogue", &out->pool),
	    "MongoDB's address");
	must(mongo_open(out->pool, &out->mongo), "MongoDB");
	must(indexes_create(&out->mongo), "indexes");
	item_store_init(&out->mongo, &out->items);
	must(arena_new(ARENA_BYTES, &out->arena), "memory");
}

static void
close_stores(struct stores *stores)
{
	item_store_fini(&stores->items);
	arena_free(&stores->arena);
	mongo_close(&stores->mongo);
	mongo_pool_free(&stores->pool);
}

static bool
is_there(struct stores *stores, uint64_t number)
{
	struct deadline deadline = deadline_in(&clock_system, TIMEOUT_MS);
	struct item item;
	struct id id;
	enum err err;

	item_id(number, &id);
	err = item_store_get(&stores->items, &deadline, stores->arena, &id, &item);
	if (err != ERR_NOT_FOUND)
		must(err, "looking for an item");
	arena_reset(stores->arena);
	return err == ERR_OK;
}

/* The first batch that may be missing in part: they are made in order, but THREADS at a time. */
static uint64_t
first_missing(struct stores *stores, uint64_t items)
{
	uint64_t low = 0;
	uint64_t high = (items + BATCH - 1) / BATCH;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		uint64_t last =
		    (middle + 1) * BATCH <= items ? (middle + 1) * BATCH - 1 : items - 1;

		if (is_there(stores, last))
			low = middle + 1;
		else
			high = middle;
	}
	return low > THREADS ? low - THREADS : 0;
}

/* What is there already stays as it is. */
static void
insert_batch(struct stores *stores, uint64_t first, uint64_t end)
{
	auto_bson bson_t *options =
	    BCON_NEW("ordered", BCON_BOOL(false), "writeConcern", "{", "w", BCON_INT32(1), "}");
	const bson_t *documents[BATCH];
	bson_t owned[BATCH];
	bson_error_t error;
	size_t count = 0;

	for (uint64_t number = first; number < end; number++) {
		struct item_index index;
		struct item item;

		make_item(stores->arena, number, &item);
		must(item_index_make(stores->arena, &item, &index), "an item's words");
		bson_init(&owned[count]);
		check(item_to_document(&owned[count], &item, &index));
		documents[count] = &owned[count];
		count++;
	}
	if (!mongoc_collection_insert_many(
		stores->items.items, documents, count, options, NULL, &error) &&
	    error.code != 11000)
		fail(error.message);
	for (size_t i = 0; i < count; i++)
		bson_destroy(&owned[i]);
	arena_reset(stores->arena);
}

static void
show_progress(uint64_t done, uint64_t items, bool last)
{
	char bar[41];
	size_t filled = (size_t)(done * (sizeof(bar) - 1) / items);

	if (!isatty(STDERR_FILENO))
		return;
	for (size_t i = 0; i < sizeof(bar) - 1; i++)
		bar[i] = i < filled ? '#' : '.';
	bar[sizeof(bar) - 1] = '\0';
	(void)fprintf(
	    stderr, "\r  [%s] %" PRIu64 " of %" PRIu64 "%s", bar, done, items, last ? "\n" : "");
}

struct seeding {
	const char *uri, *database;
	uint64_t items;
	atomic_uint_fast64_t next; /* batch */
	atomic_uint_fast64_t done; /* batches */
};

static void *
seed_batches(void *context)
{
	struct seeding *seeding = context;
	struct stores stores;

	open_stores(seeding->uri, seeding->database, &stores);
	for (;;) {
		uint64_t first = atomic_fetch_add(&seeding->next, 1) * BATCH;

		if (first >= seeding->items)
			break;
		insert_batch(&stores, first,
		    first + BATCH < seeding->items ? first + BATCH : seeding->items);
		atomic_fetch_add(&seeding->done, 1);
	}
	close_stores(&stores);
	return NULL;
}

static void
seed(const char *uri, const char *database, uint64_t items)
{
	struct seeding seeding = {.uri = uri, .database = database, .items = items};
	const uint64_t batches = (items + BATCH - 1) / BATCH;
	const struct timespec pause = {.tv_nsec = 200000000};
	pthread_t threads[THREADS];
	struct stores stores;
	uint64_t done = 0;

	open_stores(uri, database, &stores);
	atomic_init(&seeding.next, first_missing(&stores, items));
	atomic_init(&seeding.done, atomic_load(&seeding.next));
	close_stores(&stores);
	for (size_t i = 0; i < THREADS; i++)
		check(pthread_create(&threads[i], NULL, seed_batches, &seeding) == 0);
	while (done < batches) {
		(void)nanosleep(&pause, NULL);
		done = atomic_load(&seeding.done);
		show_progress(done * BATCH < items ? done * BATCH : items, items, done == batches);
	}
	for (size_t i = 0; i < THREADS; i++)
		check(pthread_join(threads[i], NULL) == 0);
	(void)printf("%s: %" PRIu64 " items\n", database, items);
}

/* --- measuring --- */

static struct item_filter
search(struct arena *arena, const char *q, enum item_sort sort)
{
	struct item_filter filter = {.sort = sort};

	must(words_of_search(arena, q, &filter.words, &filter.beginning), "words");
	return filter;
}

static const char *const kinds[] = {"newest", "oldest", "cheapest", "dearest", "by name",
    "category", "category, cheapest", "tag, by name", "seller", "prices", "prices, dearest",
    "out of stock", "word", "word, cheapest", "word, by name", "two words", "begun word",
    "rare word", "word in category", "tag in category", "tag, prices, in stock", "all of it"};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct item_filter
filter_of(struct arena *arena, size_t kind, uint64_t at)
{
	const char *thing = PICK(things, at, 30);
	const char *adjective = PICK(adjectives, at, 31);
	const char *two = arena_printf(arena, "%s %s", adjective, thing);
	struct item_filter filter = {.sort = ITEM_SORT_CREATED_DOWN, .currency = NULL};

	switch (kind) {
	case 1:
		filter.sort = ITEM_SORT_CREATED;
		break;
	case 2:
		filter.sort = ITEM_SORT_PRICE;
		break;
	case 3:
		filter.sort = ITEM_SORT_PRICE_DOWN;
		break;
	case 4:
		filter.sort = ITEM_SORT_NAME;
		break;
	case 6:
		filter.sort = ITEM_SORT_PRICE; /* FALLTHROUGH */
	case 5:
		filter.category = category(arena, mix(at, 32) % CATEGORIES);
		break;
	case 7:
		filter.sort = ITEM_SORT_NAME;
		filter.tag = adjective;
		break;
	case 8:
		filter.has_seller = true;
		seller_id(mix(at, 33) % 10000, &filter.seller_id);
		break;
	case 10:
		filter.sort = ITEM_SORT_PRICE_DOWN; /* FALLTHROUGH */
	case 9:
		filter.currency = "EUR";
		filter.has_min_price = filter.has_max_price = true;
		filter.min_price = (int64_t)(mix(at, 34) % 50000);
		filter.max_price = filter.min_price + 2000;
		break;
	case 11:
		filter.has_in_stock = true;
		break;
	case 12:
		return search(arena, thing, ITEM_SORT_CREATED_DOWN);
	case 13:
		return search(arena, thing, ITEM_SORT_PRICE);
	case 14:
		return search(arena, thing, ITEM_SORT_NAME);
	case 15:
		return search(arena, two, ITEM_SORT_CREATED_DOWN);
	case 16:
		return search(arena, arena_printf(arena, "%.3s", thing), ITEM_SORT_CREATED_DOWN);
	case 17:
		return search(arena, maker(arena, mix(at, 35) % MAKER_WORDS), ITEM_SORT_PRICE);
	case 18:
		filter = search(arena, thing, ITEM_SORT_PRICE);
		filter.category = category(arena, mix(at, 32) % CATEGORIES);
		break;
	case 19:
		filter.category = category(arena, mix(at, 32) % CATEGORIES);
		filter.tag = adjective;
		break;
	case 20:
		filter.tag = adjective;
		filter.currency = "EUR";
		filter.has_min_price = filter.has_in_stock = filter.in_stock = true;
		filter.min_price = 10000;
		break;
	case 21:
		filter = search(arena, two, ITEM_SORT_NAME);
		filter.category = category(arena, mix(at, 32) % CATEGORIES);
		filter.tag = adjective;
		filter.currency = "EUR";
		filter.has_in_stock = filter.in_stock = true;
		break;
	}
	return filter;
}

static enum err
show_nothing(void *context, const struct item *item, const struct page_key *key, bool *stop)
{
	(void)context;
	(void)item;
	(void)key;
	(void)stop;
	return ERR_OK;
}

static uint32_t
time_list(struct stores *stores, size_t kind, uint64_t at)
{
	const struct page page = {.limit = 20};
	const struct item_walk walk = {.each = show_nothing};
	struct deadline deadline = deadline_in(&clock_system, TIMEOUT_MS);
	struct item_filter filter = filter_of(stores->arena, kind, at);
	struct page_key resume;
	struct timespec start, end;
	bool ended_early;

	check(clock_gettime(CLOCK_MONOTONIC, &start) == 0);
	must(item_query_run(&stores->items, &deadline, stores->arena, &filter, &page, &walk,
		 &resume, &ended_early),
	    kinds[kind]);
	check(clock_gettime(CLOCK_MONOTONIC, &end) == 0);
	arena_reset(stores->arena);
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
percentile(uint32_t *micros, size_t count, size_t percent)
{
	qsort(micros, count, sizeof(*micros), compare);
	return micros[(count - 1) * percent / 100];
}

/* True: its 99th percentile is within the bound. */
static bool
report(size_t kind, uint32_t *small, uint32_t *large, size_t samples)
{
	uint32_t small_p99 = percentile(small, samples, 99);
	uint32_t large_p99 = percentile(large, samples, 99);
	double ratio = (double)large_p99 / (double)small_p99;

	(void)printf("%-24s %8" PRIu32 " %8" PRIu32 " %8" PRIu32 " %8" PRIu32 " %7.2f%s\n",
	    kinds[kind], percentile(small, samples, 50), small_p99, percentile(large, samples, 50),
	    large_p99, ratio, ratio > RATIO_MAX ? "  over" : "");
	return ratio <= RATIO_MAX;
}

static int
measure(const char *uri, const char *small_database, const char *large_database, size_t samples)
{
	static uint32_t small_micros[KINDS][SAMPLES_MAX];
	static uint32_t large_micros[KINDS][SAMPLES_MAX];
	struct stores small, large;
	bool within = true;

	open_stores(uri, small_database, &small);
	open_stores(uri, large_database, &large);
	for (size_t i = 0; i < samples; i++)
		for (size_t kind = 0; kind < KINDS; kind++) {
			small_micros[kind][i] = time_list(&small, kind, i);
			large_micros[kind][i] = time_list(&large, kind, i);
		}
	(void)printf("%-24s %17s %17s %7s\n%-24s %8s %8s %8s %8s %7s\n", "", small_database,
	    large_database, "ratio", "microseconds", "p50", "p99", "p50", "p99", "of p99");
	for (size_t kind = 0; kind < KINDS; kind++)
		within = report(kind, small_micros[kind], large_micros[kind], samples) && within;
	close_stores(&small);
	close_stores(&large);
	return within ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	log_init("catalogue", LOG_ERROR, STDERR_FILENO);
	if (argc == 5 && str_equal(argv[1], "seed")) {
		unsigned long long items = strtoull(argv[4], NULL, 10);

		if (items == 0 || items > 100000000)
			fail("ITEMS is from 1 to 100000000");
		seed(argv[2], argv[3], items);
		return EXIT_SUCCESS;
	}
	if (argc == 6 && str_equal(argv[1], "measure")) {
		unsigned long long samples = strtoull(argv[5], NULL, 10);

		if (samples == 0 || samples > SAMPLES_MAX)
			fail("SAMPLES is from 1 to 10000");
		return measure(argv[2], argv[3], argv[4], samples);
	}
	fail("usage: catalogue seed URI DATABASE ITEMS | measure URI SMALL LARGE SAMPLES");
}

/*
 * dev/catalogue: fills a database with a believable catalogue.
 *
 *   catalogue URI DATABASE ITEMS   up to ITEMS items; goes on where it was interrupted
 *
 * The items are made by the program's own code.  Every item is derived from its number alone.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "dev/catalogue_stores.h"

#define THREADS 4

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
	done = first_missing(&stores, items);
	/* Batches are begun in order, but several at a time. */
	atomic_init(&seeding.next, done > THREADS ? done - THREADS : 0);
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

int
main(int argc, char **argv)
{
	unsigned long long items;

	log_init("catalogue", LOG_ERROR, STDERR_FILENO);
	if (argc != 4)
		fail("usage: catalogue URI DATABASE ITEMS");
	items = strtoull(argv[3], NULL, 10);
	if (items == 0 || items > 100000000)
		fail("ITEMS is from 1 to 100000000");
	seed(argv[1], argv[2], items);
	return EXIT_SUCCESS;
}

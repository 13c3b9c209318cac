/*
 * dev/catalogue_stores: a database that holds a made catalogue.
 */
#ifndef DEV_CATALOGUE_STORES_H
#define DEV_CATALOGUE_STORES_H

#include "dev/catalogue_items.h"

#include "fcgi/items/indexes.h"
#include "fcgi/items/item_store.h"
#include "shared/base/log.h"

#define BATCH       500 /* items that are made at once */
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

/* The first batch, of ITEMS together, whose last item is missing. */
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
	return low;
}

#endif

#include "fcgi/items/category_store.h"

#include "fcgi/items/item_gather.h"
#include "shared/base/fault.h"
#include "shared/infra/mongo_read.h"

#define FIRST_CENSUS_S 30

void
category_store_init(const struct mongo *mongo, struct category_store *out)
{
	item_store_init(mongo, &out->items);
	out->counts = mongo_collection(mongo, COUNTS_COLLECTION);
	out->small_max = CATEGORIES_SMALL_MAX;
}

void
category_store_fini(struct category_store *store)
{
	item_store_fini(&store->items);
	if (store->counts != NULL)
		mongoc_collection_destroy(store->counts);
	store->counts = NULL;
}

struct walk {
	const char *name; /* of the field that names the category */
	enum err (*each)(void *context, const char *category, int64_t items);
	void *context;
};

static enum err
visit(void *context, const bson_t *document, bool *stop)
{
	const struct walk *walk = context;
	const char *category;
	int64_t items;

	(void)stop;
	TRY(mongo_get_text(document, walk->name, &category));
	TRY(mongo_get_int(document, "items", &items));
	return walk->each(walk->context, category, items);
}

static enum err
count_now(struct category_store *store, const struct deadline *deadline, struct walk *walk)
{
	auto_bson bson_t *pipeline = BCON_NEW("0", "{", "$match", "{", "status",
	    BCON_UTF8(item_status_text(ITEM_ACTIVE)), "category", "{", "$gt", BCON_UTF8(""), "}",
	    "}", "}", "1", "{", "$group", "{", "_id", BCON_UTF8("$category"), "items", "{", "$sum",
	    BCON_INT64(1), "}", "}", "}", "2", "{", "$sort", "{", "_id", BCON_INT32(1), "}", "}");

	walk->name = "_id";
	return mongo_aggregate_each(store->items.items, deadline, pipeline, visit, walk);
}

static enum err
read_census(struct category_store *store, const struct deadline *deadline, struct fault *fault,
    struct walk *walk)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(CATEGORIES_COUNT));
	auto_bson bson_t *fields = BCON_NEW("counts", BCON_INT32(1));
	auto_bson bson_t *found = NULL;
	struct mongo_array counts;
	bool stop = false;
	bson_t count;

	TRY(mongo_find_one(store->counts, deadline, filter, fields, &found));
	if (found == NULL || !mongo_has(found, "counts")) {
		fault->retry_after_s = FIRST_CENSUS_S;
		return fault_set(fault, ERR_UNAVAILABLE,
		    "The items are being counted for the first time; try again a little later.");
	}
	walk->name = "category";
	TRY(mongo_array_begin(found, "counts", &counts));
	while (mongo_array_next(&counts)) {
		TRY(mongo_array_document(&counts, &count));
		TRY(visit(walk, &count, &stop));
	}
	return ERR_OK;
}

enum err
category_store_each(struct category_store *store, const struct deadline *deadline,
    struct arena *arena, struct fault *fault,
    enum err (*each)(void *context, const char *category, int64_t items), void *context)
{
	const struct item_walk unwatched = {.each = NULL};
	struct walk walk = {.each = each, .context = context};
	struct search_run run;
	int64_t size;

	TRY(item_run_whole(&store->items, deadline, arena, &unwatched, &run));
	TRY(item_estimate(&run, search_order_of(ITEM_SORT_CREATED), ITEM_KEY_ALL, &size));
	return size <= store->small_max ? count_now(store, deadline, &walk)
					: read_census(store, deadline, fault, &walk);
}

/*
 * items/category_store: the categories of the catalogue, and how many items each has.
 *
 * Layer: domain, store.  A small catalogue is counted when it is asked for.  For a large one there
 * is the document {_id: "categories", counts: [{category, items}]} of the collection `counts`,
 * which a census (category_census.h) replaces again and again.
 */
#ifndef FCGI_ITEMS_CATEGORY_STORE_H
#define FCGI_ITEMS_CATEGORY_STORE_H

#include "fcgi/items/item_query.h"

#define COUNTS_COLLECTION    "counts"
#define CATEGORIES_COUNT     "categories" /* the document's _id */
#define CATEGORIES_SMALL_MAX 4000         /* about so many items are counted at once */

struct category_store {
	struct item_store items;
	mongoc_collection_t *counts;
	int64_t small_max; /* CATEGORIES_SMALL_MAX, but for tests */
};

void category_store_init(const struct mongo *mongo, struct category_store *out);
/* May run twice. */
void category_store_fini(struct category_store *store);

/* Calls EACH with every category that has items, by name, and how many.  CATEGORY is borrowed.
 * ERR_UNAVAILABLE: there are too many items to count, and no census was there yet. */
MUST_USE enum err category_store_each(struct category_store *store, const struct deadline *deadline,
    struct arena *arena, struct fault *fault,
    enum err (*each)(void *context, const char *category, int64_t items), void *context);

#endif

/*
 * items/category_store: the categories of the catalogue.
 *
 * Layer: domain, store.
 */
#ifndef FCGI_ITEMS_CATEGORY_STORE_H
#define FCGI_ITEMS_CATEGORY_STORE_H

#include "fcgi/items/item_store.h"

/* Calls EACH with every category that has items, by name, and how many: read from an index alone,
 * but work that grows with the catalogue.  CATEGORY is borrowed. */
MUST_USE enum err category_store_each(struct item_store *store, const struct deadline *deadline,
    enum err (*each)(void *context, const char *category, int64_t items), void *context);

#endif

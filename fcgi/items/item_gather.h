/*
 * items/item_gather: looks at the store for a list, and the few items that are put in order here.
 *
 * Layer: domain, store, for item_query alone.
 */
#ifndef FCGI_ITEMS_ITEM_GATHER_H
#define FCGI_ITEMS_ITEM_GATHER_H

#include "fcgi/items/item_search.h"

struct search_run {
	struct item_store *store;
	const struct deadline *deadline;
	struct arena *arena;
	const struct item_filter *filter;
	const struct page *page;
	const struct item_walk *walk;
};

/* mongo_find_each, watched. */
MUST_USE enum err search_look(const struct search_run *run, const struct mongo_find *find,
    enum err (*each)(void *context, const bson_t *document, bool *stop), void *context);
/* Where an item stands in ORDER; the text is borrowed from DOCUMENT. */
MUST_USE enum err search_place(
    const bson_t *document, const struct search_order *order, struct page_key *out);
/* Are there more than ITEM_LOOK_MAX items under KEY within BOUNDS?  Then *end is the place of the
 * one after so many. */
MUST_USE enum err search_far(const struct search_run *run, const struct search_order *order,
    const char *key, const struct search_bounds *bounds, struct page_key *end, bool *far);
/*
 * The page's items, in the order WANTED, of all that are under KEY in the index of ORDER, which are
 * at most ITEM_LOOK_MAX.  EACH may stop the walk.  *more: the next page begins after *resume.
 */
MUST_USE enum err item_gather(const struct search_run *run, const struct search_order *order,
    const char *key, const struct search_order *wanted,
    enum err (*each)(void *context, const bson_t *document, bool *stop), void *context,
    struct page_key *resume, bool *more);

#endif

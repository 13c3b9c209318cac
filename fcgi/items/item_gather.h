/*
 * items/item_gather: looks at the store for a list: how far so many items reach, and the items of a
 * part of it, put in order here.
 *
 * Layer: domain, store, for item_query and for what counts the categories.
 */
#ifndef FCGI_ITEMS_ITEM_GATHER_H
#define FCGI_ITEMS_ITEM_GATHER_H

#include "fcgi/items/item_search.h"

#define ITEM_PLACES_MAX 2000 /* that one look brings; some ITEM_LOOK_MAX are looked for */

struct search_run {
	struct item_store *store;
	const struct deadline *deadline;
	struct arena *arena;
	const struct item_filter *filter;
	const struct page *page;
	const struct item_walk *walk;
	struct page_key *places; /* room for ITEM_PLACES_MAX */
	int64_t visited;         /* items shown */
};

/* A run through all there is, by item_estimate, item_reach and item_look alone; all but OUT is
 * borrowed by it.  ERR_MEMORY. */
MUST_USE enum err item_run_whole(struct item_store *store, const struct deadline *deadline,
    struct arena *arena, const struct item_walk *walk, struct search_run *out);
/* One look, which run->walk may watch. */
MUST_USE enum err item_look(const struct search_run *run, const struct mongo_find *find,
    enum err (*each)(void *context, const bson_t *document, bool *stop), void *context);
/*
 * About how many items are under KEY: above ITEM_LOOK_MAX only as good as tells more from less.
 */
MUST_USE enum err item_estimate(
    struct search_run *run, const struct search_order *order, const char *key, int64_t *size);
/*
 * Where some WANT items of the list of KEY end that begins at BOUNDS->after: FULL, seldom fewer,
 * for more to be looked at; else fewer as easily as more.  *far false: they are all that is left,
 * and *END is not written.
 */
MUST_USE enum err item_reach(struct search_run *run, const struct search_order *order,
    const char *key, const struct search_bounds *bounds, int64_t want, struct page_key *end,
    bool *far);
/*
 * Shows to EACH, in the order WANTED, the page's items of all that are under KEY within BOUNDS of
 * ORDER.  EACH may stop the walk.  *more: it did not, and the next page begins after *RESUME.
 * *far: there are ITEM_PLACES_MAX or more, none was shown, and *RESUME is a place of ORDER within
 * BOUNDS to which there are fewer.
 */
MUST_USE enum err item_gather(struct search_run *run, const struct search_order *order,
    const char *key, const struct search_bounds *bounds, const struct search_order *wanted,
    enum err (*each)(void *context, const bson_t *document, bool *stop), void *context,
    struct page_key *resume, bool *more, bool *far);
/* Where an item stands in ORDER; the text is borrowed from DOCUMENT. */
MUST_USE enum err search_place(
    const bson_t *document, const struct search_order *order, struct page_key *out);

#endif

/*
 * items/category_census: counts the items of each category, however many there are.
 *
 * Layer: domain, store.  It walks the list of all items by age in parts of about a thousand
 * (item_place.h), each by looks of its own, and then replaces the document of category_store.h.
 * What changes meanwhile is counted as it was or as it is.  In that document the census also has
 * its lease, {by, due}: until `due` no other begins.  A killed one's is begun anew after that.
 */
#ifndef FCGI_ITEMS_CATEGORY_CENSUS_H
#define FCGI_ITEMS_CATEGORY_CENSUS_H

#include "fcgi/items/category_store.h"

#define CENSUS_LEASE_MS   60000
#define CENSUS_PART_ITEMS 1000
#define CENSUS_EVERY_MS   60000 /* from the end of one to the next */

struct tally { /* in the order of the categories */
	struct category_tally *list;
	size_t count, room;
};

struct category_census { /* of one thread */
	struct category_store store;
	int64_t part_items;    /* CENSUS_PART_ITEMS, but for tests */
	struct arena *arena;   /* of one part */
	struct arena *tallied; /* of one census */
	struct tally tally;
	struct id by;
	int64_t due_ms;        /* when the lease ends */
	bool has_after, ended; /* the walk */
	struct page_key after;
	/* For a test that reads plans: every look at the items; or NULL. */
	void (*watch)(void *context, const struct mongo_find *find);
	void *watcher;
};

/* MONGO must outlive it.  ERR_MEMORY. */
MUST_USE enum err category_census_init(const struct mongo *mongo, struct category_census *out);
/* May run twice. */
void category_census_fini(struct category_census *census);

/* *begun: a census is due, and it is this one's to make.  *first: there was none before. */
MUST_USE enum err category_census_begin(struct category_census *census,
    const struct deadline *deadline, int64_t now_ms, bool *begun, bool *first);
/* Counts the next part, or, at the end, writes the counts down.  *more false: that is done, or
 * another took over as the lease had ended.  After ERR_UNAVAILABLE and ERR_DEADLINE it may be tried
 * again. */
MUST_USE enum err category_census_step(
    struct category_census *census, const struct deadline *deadline, int64_t now_ms, bool *more);

#endif

/*
 * items/item_search: the pieces of a list's looks at the store: keys, conditions, bounds.
 *
 * Layer: domain, store, for item_query and for what counts the categories.
 */
#ifndef FCGI_ITEMS_ITEM_SEARCH_H
#define FCGI_ITEMS_ITEM_SEARCH_H

#include "fcgi/items/item_query.h"

struct search_order { /* what a list is sorted by; ties by _id in the same direction */
	enum item_order by;
	bool down;
	bool words; /* has it words' keys, too? */
};

const struct search_order *search_order_of(enum item_sort sort);

struct search_key {
	const char *text;
	bool is_word;
};

struct search_keys {
	struct search_key list[ITEM_KEYS_MAX_ASK];
	size_t count; /* at least one */
	bool exact;   /* the one key says all, but for prices */
	bool likely;  /* the one key says what is asked, but for longer words that begin so */
};

/* The keys of FILTER.  ERR_MEMORY. */
MUST_USE enum err search_keys_of(
    struct arena *arena, const struct item_filter *filter, struct search_keys *out);

/* A part of a list: behind AFTER, up to and with BEFORE. */
struct search_bounds {
	bool has_after, has_before;
	struct page_key after, before;
};

/*
 * The query: in a level of the list of KEY, within BOUNDS of ORDER, and, WITH_REST, all that
 * FILTER asks for.  Prices always bound the order by price.  *OUT is the caller's.  ERR_MEMORY.
 */
MUST_USE enum err search_query(struct arena *arena, const struct search_order *order,
    unsigned level, const char *key, const struct item_filter *filter,
    const struct search_bounds *bounds, bool with_rest, bson_t **out);

#endif

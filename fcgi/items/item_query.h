/*
 * items/item_query: the catalogue's list: filters, orders and pages, in bounded work.
 *
 * Layer: domain, store.  A list is walked in parts (item_place.h): first is found how far as many
 * items reach as the page may need, then these are fetched, and put in order here.  With several
 * conditions, the key that leads to fewest items is found by the same means.  Where all it leads to
 * is little, that is gathered whole, whatever the order; else the list is walked under a key that
 * stands in its order, and what it meets is looked at for the other conditions: at some
 * ITEM_LOOK_MAX items for a page, which may hold fewer than it might, or none, and tell where the
 * next one begins.  So no list's work grows with the catalogue, and no page is a scan or a sort of
 * the store's.  An item's parts of lists are cut at places alone, so that none is lost or shown
 * twice, whatever comes and goes.
 */
#ifndef FCGI_ITEMS_ITEM_QUERY_H
#define FCGI_ITEMS_ITEM_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/items/item_store.h"
#include "shared/edge/page.h"

enum item_sort {
	ITEM_SORT_CREATED,
	ITEM_SORT_CREATED_DOWN,
	ITEM_SORT_PRICE,
	ITEM_SORT_PRICE_DOWN,
	ITEM_SORT_NAME
};

struct item_filter {
	struct words words;    /* all must be there */
	const char *beginning; /* of a word that must be there; NULL: none */
	const char *category;  /* each NULL: any */
	const char *tag;
	const char *currency;
	bool has_seller, has_min_price, has_max_price, has_in_stock;
	struct id seller_id;
	int64_t min_price, max_price; /* minor units of `currency` */
	bool in_stock;                /* true: stock is left; false: none is */
	enum item_sort sort;
};

#define ITEM_LOOK_MAX 200

struct item_walk {
	enum err (*each)(
	    void *context, const struct item *item, const struct page_key *key, bool *stop);
	void *context;
	/* For a test that reads plans: every look at the store, as it is sent; or NULL. */
	void (*watch)(void *context, const struct mongo_find *find);
};

/*
 * Calls walk->each with the items of the page, and where the next page would begin after each;
 * both are borrowed until it returns.  One more than page->limit is looked for, so that it learns
 * whether there is a next page; it ends the walk by *stop.  *ended_early: nothing stopped the
 * walk, and yet there may be more after *resume.
 */
MUST_USE enum err item_query_run(struct item_store *store, const struct deadline *deadline,
    struct arena *arena, const struct item_filter *filter, const struct page *page,
    const struct item_walk *walk, struct page_key *resume, bool *ended_early);

#endif

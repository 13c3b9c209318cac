/*
 * items/item_query: the catalogue's list: filters, orders and pages, each served by an index.
 *
 * Layer: domain, store.
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
	struct words words;   /* all must be there */
	const char *category; /* each NULL: any */
	const char *tag;
	const char *currency;
	bool has_seller, has_min_price, has_max_price, has_in_stock;
	struct id seller_id;
	int64_t min_price, max_price; /* minor units of `currency` */
	bool in_stock;                /* true: stock is left; false: none is */
	enum item_sort sort;
};

/*
 * Calls EACH with the items of the page, and where the next page would begin after each; both are
 * borrowed until it returns.  One more than page->limit is looked for, so that EACH learns whether
 * there is a next page; EACH ends the walk by *stop.
 */
MUST_USE enum err item_query_run(struct item_store *store, const struct deadline *deadline,
    struct arena *arena, const struct item_filter *filter, const struct page *page,
    enum err (*each)(
	void *context, const struct item *item, const struct page_key *key, bool *stop),
    void *context);

/* The query's filter and sort, as sent: for a test that holds them against the indexes. */
MUST_USE enum err item_query_build(
    const struct item_filter *filter, const struct page *page, bson_t **query, bson_t **sort);

#endif

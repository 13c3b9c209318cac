/*
 * items/item_place: where an item stands in the orders of its lists, as texts of one index.
 *
 * Layer: domain, pure.  A list is an order and a key (item_keys.h).  An item stands in each of its
 * lists by one text: order, level, key, what it is sorted by, id.  So a part of a list is a range
 * of one field.  That bounds what any store has to look at: also one that narrows an index by its
 * first field's range alone, or that reads a whole range before it sorts and limits it.
 *
 * Above the list itself (level 0) stand levels that tell how far so many items reach, whatever they
 * are sorted by: each holds one in ITEM_LEVEL_STEP of the level below, as in a skip list.  Chance
 * says which, by the last digits of the id, so that it is the same in all lists of an item.
 */
#ifndef FCGI_ITEMS_ITEM_PLACE_H
#define FCGI_ITEMS_ITEM_PLACE_H

#include "fcgi/items/item_keys.h"
#include "shared/edge/page.h"

#define ITEM_LEVELS     5
#define ITEM_LEVEL_STEP 16 /* what one digit of an id is one of */

enum item_order { ITEM_BY_AGE, ITEM_BY_PRICE, ITEM_BY_NAME };

/* The highest level that the item of ID stands in. */
unsigned item_place_level(const struct id *id);
/* Of AT, whose number or text is what ORDER sorts by and not negative; its id may be "", which is
 * before all ids.  NULL at the arena's end. */
const char *item_place_text(struct arena *arena, enum item_order order, unsigned level,
    const char *key, const struct page_key *at);
/* Before, or behind, all of KEY. */
const char *item_place_end(
    struct arena *arena, enum item_order order, unsigned level, const char *key, bool behind);
/* All texts of ITEM: under the first FACET_COUNT of KEYS in each order, under the rest, which are
 * its words', by age and by price.  ERR_MEMORY. */
MUST_USE enum err item_places_of(struct arena *arena, const struct item *item, const char *name_key,
    const struct key_list *keys, size_t facet_count, struct key_list *out);
/* Does A come before (< 0), with (0) or after (> 0) B, upwards? */
int item_place_compare(const struct page_key *a, const struct page_key *b);

#endif

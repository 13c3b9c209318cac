/*
 * items/item_keys: what an item can be found by: the keys of the lists it is on.
 *
 * Layer: domain, pure.  A key is a text: "*" every item, "c:books" a category, "t:red" a tag,
 * "s:<id>" a seller, "m:EUR" a currency: these are facets, and exact.  "p:lam" stands for the words
 * that begin so: of every word its first three characters, and its first six.  A search is thereby
 * led to few items by one key, whether its last word is whole or only begun, and looks at those.
 */
#ifndef FCGI_ITEMS_ITEM_KEYS_H
#define FCGI_ITEMS_ITEM_KEYS_H

#include "fcgi/items/item.h"
#include "fcgi/items/words.h"

#define ITEM_KEY_ALL      "*"
#define ITEM_KEYS_MAX_ASK 8 /* of one search; what is more is looked at, not looked up */

struct key_list {
	const char **list;
	size_t count;
};

/* The facets of ITEM first, FACET_COUNT of them, then its words'.  None twice.  ERR_MEMORY. */
MUST_USE enum err item_keys_of(struct arena *arena, const struct item *item,
    const struct words *words, struct key_list *out, size_t *facet_count);
/* The key of a facet.  NULL at the arena's end. */
const char *item_key_facet(struct arena *arena, char kind, const char *value);
/* The key that WORD, or all words that begin with it, are under.  *out NULL: there is none, as the
 * beginning is too short.  ERR_MEMORY. */
MUST_USE enum err item_key_word(
    struct arena *arena, const char *word, bool is_beginning, const char **out);

#endif

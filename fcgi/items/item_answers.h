/*
 * items/item_answers: what was answered when items were made under a key, kept inside them.
 *
 * Layer: domain, store, beside item_store, which writes it with the item.  Which item a key stands
 * for is claim_store's.  Errors besides those named are mongo_error's.
 */
#ifndef FCGI_ITEMS_ITEM_ANSWERS_H
#define FCGI_ITEMS_ITEM_ANSWERS_H

#include "fcgi/items/item_store.h"

/* Of the item of that ID, with its answer, in ARENA; ERR_NOT_FOUND: it has no key, or is not. */
MUST_USE enum err item_answers_find(struct item_store *store, const struct deadline *deadline,
    struct arena *arena, const struct id *id, struct claim *out);
/* Likewise of the item that SELLER's KEY made: by an index as long as the former one of keys is
 * there, else among the seller's items. */
MUST_USE enum err item_answers_find_key(struct item_store *store, const struct deadline *deadline,
    struct arena *arena, const struct id *seller, const char *key, struct claim *out);
/* Forgets the keys, with their answers, kept since before BEFORE_MS: after their claims. */
MUST_USE enum err item_answers_drop(
    struct item_store *store, const struct deadline *deadline, int64_t before_ms);

#endif

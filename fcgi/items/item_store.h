/*
 * items/item_store: items in MongoDB: made, read, replaced, archived.
 *
 * Layer: domain, store.  One store belongs to one thread.  A change is one atomic write that
 * carries its event; it is guarded by the version it was derived from, because purchases change
 * items at any time.  Errors besides those named are mongo_error's.
 */
#ifndef FCGI_ITEMS_ITEM_STORE_H
#define FCGI_ITEMS_ITEM_STORE_H

#include <stdbool.h>

#include "fcgi/items/embedded.h"
#include "fcgi/items/item.h"
#include "fcgi/items/item_place.h"
#include "shared/infra/mongo_ops.h"

#define ITEMS_COLLECTION  "items"
#define ITEMS_BY_PLACE    "by_place" /* what lists walk */
#define ITEMS_OF_SELLER   "of_seller"
#define ITEMS_BY_CATEGORY "by_category"

struct item_store {
	mongoc_collection_t *items;
};

void item_store_init(const struct mongo *mongo, struct item_store *out);
/* May run twice. */
void item_store_fini(struct item_store *store);

/* How a search finds the item: not at all when it left the catalogue. */
struct item_index {
	struct words words;   /* of name, description and tags */
	const char *name_key; /* what its name sorts by */
	struct key_list places;
};

MUST_USE enum err item_index_make(
    struct arena *arena, const struct item *item, struct item_index *out);

/* IDEMPOTENCY may be NULL, and ANSWER then too.  ERR_CONFLICT: there is an item of that id, or, to
 * the former index of keys, of that key. */
MUST_USE enum err item_store_insert(struct item_store *store, const struct deadline *deadline,
    const struct item *item, const struct item_index *index, const struct idempotency *idempotency,
    const struct kept_answer *answer, const struct pending_event *event);
/* The active item; its strings live in ARENA.  ERR_NOT_FOUND, for an archived one too. */
MUST_USE enum err item_store_get(struct item_store *store, const struct deadline *deadline,
    struct arena *arena, const struct id *id, struct item *out);

#define ITEM_EVENTS_MAX 2

struct item_writing {
	const struct item *item; /* what it becomes */
	const struct item_index *index;
	bool settled_guard; /* only while all of its reservations still stand */
	struct pending_event events[ITEM_EVENTS_MAX];
	size_t event_count; /* at least one */
};

/* Writes an item over its version before (version - 1).  *changed false: it is not at that version
 * any more, or not in the catalogue. */
MUST_USE enum err item_store_change(struct item_store *store, const struct deadline *deadline,
    const struct item_writing *writing, bool *changed);
/* Takes all that SELLER wrote from what they have out of the catalogue. */
MUST_USE enum err item_store_blank(
    struct item_store *store, const struct deadline *deadline, const struct id *seller);

/* Appends what is derived from an item: whoever changes it counts BACKFILL_FORM (backfill.h) up. */
bool item_put_index(bson_t *document, const struct item_index *index);
/* Appends what makes up a new item; false when the document is full. */
bool item_to_document(bson_t *document, const struct item *item, const struct item_index *index);
/* Destroys DOCUMENT with the arena, also when that is at its end. */
MUST_USE enum err item_document_keep(struct arena *arena, bson_t *document);
/* For item_query: the fields that make up an item, and a document cut to them as an item whose
 * strings are borrowed from it (arrays live in ARENA).  ERR_CORRUPT, ERR_MEMORY. */
bson_t *item_fields_new(void);
MUST_USE enum err item_from_document(struct arena *arena, const bson_t *document, struct item *out);

#endif

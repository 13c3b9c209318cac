/*
 * items/image_flow: an item's image is put, replaced, read, and removed with its item.
 *
 * Layer: domain.  An image is stored whole before its item names it; what it replaces is removed
 * after.  See image_store.h for what dies in between.
 */
#ifndef FCGI_ITEMS_IMAGE_FLOW_H
#define FCGI_ITEMS_IMAGE_FLOW_H

#include "fcgi/items/item_change.h"

struct image_upload {
	/* Reads up to LEN bytes; fewer only where they end. */
	size_t (*read)(void *context, char *out, size_t len);
	void *context;
	size_t length;
	const char *type; /* what its sender says it is */
};

/* ERR_NOT_FOUND, ERR_FORBIDDEN, the guard's errors; ERR_MEDIA_TYPE: the bytes are not of the type
 * that they are said to be; ERR_VALIDATION; ERR_MALFORMED: they ended early. */
MUST_USE enum err image_flow_put(struct shop *shop, const struct call *call, const struct id *id,
    const struct image_upload *upload, const struct item_guard *guard);

/* A walk over bytes FIRST…LAST of an image, chunk by chunk. */
struct image_walk {
	struct shop *shop;
	const struct deadline *deadline;
	struct id file;
	int64_t next, last; /* the bytes to come, both included */
	char *chunk;
	size_t chunk_len;
	int64_t chunk_at; /* which one is there; -1: none */
};

/* Starts a walk, and sees that its first chunk is there.  ERR_NOT_FOUND: the image was replaced. */
MUST_USE enum err image_walk_begin(struct image_walk *walk, struct shop *shop,
    const struct call *call, const struct item_image *image, int64_t first, int64_t last);
/* The next bytes, which live until the next call. */
MUST_USE enum err image_walk_next(struct image_walk *walk, struct span *out);

/* The image of an item that is about to name another one, or none, is marked for removal. */
MUST_USE enum err image_flow_doubt(
    struct shop *shop, const struct deadline *deadline, const struct item *item, int64_t now_ms);
/* It goes, now that its item does not name it.  What fails is left to the sweeper. */
void image_flow_drop(struct shop *shop, const struct deadline *deadline, const struct item *item);
/* Images doubtful for long that no item names. */
MUST_USE enum err image_flow_sweep(
    struct shop *shop, const struct deadline *deadline, struct arena *arena, int64_t now_ms);

#endif

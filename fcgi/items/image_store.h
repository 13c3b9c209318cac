/*
 * items/image_store: images in MongoDB, laid out as GridFS: images.files and images.chunks.
 *
 * Layer: domain, store.  By single documents rather than libmongoc's own streams, as these know
 * neither deadlines nor ranges; any GridFS client reads what is here.  A file that may belong to no
 * item says so by `doubtful`, a date: from before it is written until its item names it, and again
 * from before its item names another, or none.  So whatever dies leaves nothing that a sweeper
 * can't find.
 */
#ifndef FCGI_ITEMS_IMAGE_STORE_H
#define FCGI_ITEMS_IMAGE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "fcgi/items/item.h"
#include "shared/infra/mongo_ops.h"

#define IMAGE_FILES_COLLECTION  "images.files"
#define IMAGE_CHUNKS_COLLECTION "images.chunks"
#define IMAGE_CHUNK_BYTES       ((size_t)255 * 1024) /* GridFS's own default */
#define IMAGE_DOUBT_MS          ((int64_t)600000)    /* longer than any request lives */

struct image_store {
	mongoc_collection_t *files;
	mongoc_collection_t *chunks;
};

void image_store_init(const struct mongo *mongo, struct image_store *out);
/* May run twice. */
void image_store_fini(struct image_store *store);

/* A new, doubtful file of ITEM, without chunks. */
MUST_USE enum err image_store_begin(struct image_store *store, const struct deadline *deadline,
    const struct id *file, const struct id *item, int64_t now_ms);
/* The chunk AT, of IMAGE_CHUNK_BYTES but for the last one. */
MUST_USE enum err image_store_add(struct image_store *store, const struct deadline *deadline,
    const struct id *file, size_t at, struct span bytes);
/* The file is whole. */
MUST_USE enum err image_store_finish(
    struct image_store *store, const struct deadline *deadline, const struct item_image *image);
/* The file belongs to an item (doubtful_ms 0), or may not. */
MUST_USE enum err image_store_doubt(struct image_store *store, const struct deadline *deadline,
    const struct id *file, int64_t doubtful_ms);
/* Chunks first. */
MUST_USE enum err image_store_remove(
    struct image_store *store, const struct deadline *deadline, const struct id *file);
/* The chunk AT into BYTES, which holds IMAGE_CHUNK_BYTES.  ERR_NOT_FOUND; ERR_CORRUPT. */
MUST_USE enum err image_store_read(struct image_store *store, const struct deadline *deadline,
    const struct id *file, size_t at, char *bytes, size_t *len);

struct doubtful_image {
	struct id file;
	struct id item;
};
/* Files doubtful since before BEFORE_MS, at most MAX. */
MUST_USE enum err image_store_list_doubtful(struct image_store *store,
    const struct deadline *deadline, int64_t before_ms, struct doubtful_image *out, size_t max,
    size_t *count);

#endif

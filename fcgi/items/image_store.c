#include "fcgi/items/image_store.h"

#include <string.h>

#include "shared/infra/mongo_read.h"

void
image_store_init(const struct mongo *mongo, struct image_store *out)
{
	out->files = mongo_collection(mongo, IMAGE_FILES_COLLECTION);
	out->chunks = mongo_collection(mongo, IMAGE_CHUNKS_COLLECTION);
}

void
image_store_fini(struct image_store *store)
{
	if (store->files != NULL)
		mongoc_collection_destroy(store->files);
	if (store->chunks != NULL)
		mongoc_collection_destroy(store->chunks);
	*store = (struct image_store){NULL, NULL};
}

enum err
image_store_begin(struct image_store *store, const struct deadline *deadline, const struct id *file,
    const struct id *item, int64_t now_ms)
{
	auto_bson bson_t *document =
	    BCON_NEW("_id", BCON_UTF8(file->text), "length", BCON_INT64(0), "chunkSize",
		BCON_INT32((int32_t)IMAGE_CHUNK_BYTES), "uploadDate", BCON_DATE_TIME(now_ms),
		"filename", BCON_UTF8(item->text), "doubtful", BCON_DATE_TIME(now_ms));

	return mongo_insert(store->files, deadline, document);
}

enum err
image_store_add(struct image_store *store, const struct deadline *deadline, const struct id *file,
    size_t at, struct span bytes)
{
	auto_bson bson_t *chunk = bson_new();
	bson_oid_t id;

	bson_oid_init(&id, NULL);
	if (bytes.len > IMAGE_CHUNK_BYTES || at > INT32_MAX ||
	    !BSON_APPEND_OID(chunk, "_id", &id) || !mongo_put_text(chunk, "files_id", file->text) ||
	    !BSON_APPEND_INT32(chunk, "n", (int32_t)at) ||
	    !BSON_APPEND_BINARY(chunk, "data", BSON_SUBTYPE_BINARY, (const uint8_t *)bytes.data,
		(uint32_t)bytes.len))
		return ERR_MEMORY;
	return mongo_insert(store->chunks, deadline, chunk);
}

/* ERR_NOT_FOUND: somebody removed it. */
static enum err
update_file(struct image_store *store, const struct deadline *deadline, const struct id *file,
    const bson_t *update)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(file->text));
	bool matched;

	TRY(mongo_update_one(store->files, deadline, filter, update, &matched));
	return matched ? ERR_OK : ERR_NOT_FOUND;
}

enum err
image_store_finish(
    struct image_store *store, const struct deadline *deadline, const struct item_image *image)
{
	auto_bson bson_t *update =
	    BCON_NEW("$set", "{", "length", BCON_INT64(image->length), "metadata", "{", "type",
		BCON_UTF8(image->type), "sha256", BCON_UTF8(image->hash), "}", "}");

	return update_file(store, deadline, &image->file, update);
}

enum err
image_store_doubt(struct image_store *store, const struct deadline *deadline, const struct id *file,
    int64_t doubtful_ms)
{
	auto_bson bson_t *update = doubtful_ms == 0
	    ? BCON_NEW("$unset", "{", "doubtful", BCON_UTF8(""), "}")
	    : BCON_NEW("$set", "{", "doubtful", BCON_DATE_TIME(doubtful_ms), "}");

	return update_file(store, deadline, file, update);
}

enum err
image_store_remove(
    struct image_store *store, const struct deadline *deadline, const struct id *file)
{
	auto_bson bson_t *of_file = BCON_NEW("files_id", BCON_UTF8(file->text));
	auto_bson bson_t *the_file = BCON_NEW("_id", BCON_UTF8(file->text));
	bool deleted = true;

	while (deleted)
		TRY(mongo_delete_one(store->chunks, deadline, of_file, &deleted));
	return mongo_delete_one(store->files, deadline, the_file, &deleted);
}

static enum err
get_data(const bson_t *chunk, char *bytes, size_t *len)
{
	bson_subtype_t subtype;
	const uint8_t *data;
	bson_iter_t iter;
	uint32_t size;

	if (!bson_iter_init_find(&iter, chunk, "data") || !BSON_ITER_HOLDS_BINARY(&iter))
		return ERR_CORRUPT;
	bson_iter_binary(&iter, &subtype, &size, &data);
	if (size == 0 || size > IMAGE_CHUNK_BYTES)
		return ERR_CORRUPT;
	memcpy(bytes, data, size);
	*len = size;
	return ERR_OK;
}

enum err
image_store_read(struct image_store *store, const struct deadline *deadline, const struct id *file,
    size_t at, char *bytes, size_t *len)
{
	auto_bson bson_t *filter =
	    BCON_NEW("files_id", BCON_UTF8(file->text), "n", BCON_INT32((int32_t)at));
	auto_bson bson_t *fields = BCON_NEW("data", BCON_INT32(1));
	auto_bson bson_t *chunk = NULL;

	TRY(mongo_find_one(store->chunks, deadline, filter, fields, &chunk));
	if (chunk == NULL)
		return ERR_NOT_FOUND;
	return get_data(chunk, bytes, len);
}

struct listing {
	struct doubtful_image *list;
	size_t count;
};

static enum err
list_one(void *context, const bson_t *document, bool *stop)
{
	struct listing *listing = context;
	struct doubtful_image image;

	(void)stop;
	TRY(mongo_get_id(document, "_id", &image.file));
	TRY(mongo_get_id(document, "filename", &image.item));
	listing->list[listing->count++] = image;
	return ERR_OK;
}

enum err
image_store_list_doubtful(struct image_store *store, const struct deadline *deadline,
    int64_t before_ms, struct doubtful_image *out, size_t max, size_t *count)
{
	auto_bson bson_t *filter = BCON_NEW("doubtful", "{", "$lt", BCON_DATE_TIME(before_ms), "}");
	auto_bson bson_t *fields = BCON_NEW("filename", BCON_INT32(1));
	const struct mongo_find find = {.filter = filter, .fields = fields, .limit = (int64_t)max};
	struct listing listing = {.list = out};

	TRY(mongo_find_each(store->files, deadline, &find, list_one, &listing));
	*count = listing.count;
	return ERR_OK;
}

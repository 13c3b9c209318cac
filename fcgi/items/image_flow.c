#include "fcgi/items/image_flow.h"

#include <openssl/evp.h>
#include <string.h>

#include "fcgi/items/image_header.h"
#include "shared/base/crash.h"
#include "shared/base/log.h"

#define SWEEP_MAX 20

enum err
image_flow_doubt(
    struct shop *shop, const struct deadline *deadline, const struct item *item, int64_t now_ms)
{
	enum err err;

	if (!item->image.present)
		return ERR_OK;
	err = image_store_doubt(&shop->images, deadline, &item->image.file, now_ms);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void
remove_file(struct shop *shop, const struct deadline *deadline, const struct id *file)
{
	enum err err = image_store_remove(&shop->images, deadline, file);

	if (err != ERR_OK)
		log_warn(
		    "an image is left to the sweeper", LOG_ERR(err), LOG_TEXT("file", file->text));
}

void
image_flow_drop(struct shop *shop, const struct deadline *deadline, const struct item *item)
{
	if (item->image.present)
		remove_file(shop, deadline, &item->image.file);
}

static enum err
check_header(
    const struct call *call, const struct image_upload *upload, struct span head, const char **type)
{
	struct image_header header;
	enum err err = image_header_read(head, &header);

	if (err == ERR_MEDIA_TYPE || (err == ERR_OK && !str_equal(header.type, upload->type)))
		return fault_set(call->fault, ERR_MEDIA_TYPE, "The bytes are no %s.", upload->type);
	if (err == ERR_VALIDATION)
		return fault_field(call->fault, FIELD_IN_BODY, "", FIELD_BAD_FORMAT,
		    "The image's header is broken, or a side of it is over %d pixels.",
		    IMAGE_SIDE_MAX);
	TRY(err);
	*type = header.type;
	return ERR_OK;
}

/* Stores the chunks and hashes them on their way: no more than one is held. */
static enum err
store_chunks(struct shop *shop, const struct call *call, const struct image_upload *upload,
    EVP_MD_CTX *hash, struct item_image *image)
{
	char *bytes = arena_alloc(call->arena, IMAGE_CHUNK_BYTES);
	size_t left = upload->length;

	TRY_ALLOC(bytes);
	for (size_t at = 0; left > 0; at++) {
		size_t len = left < IMAGE_CHUNK_BYTES ? left : IMAGE_CHUNK_BYTES;

		if (upload->read(upload->context, bytes, len) != len)
			return fault_set(call->fault, ERR_MALFORMED, "The body ended early.");
		if (at == 0)
			TRY(check_header(call, upload, span_of(bytes, len), &image->type));
		if (EVP_DigestUpdate(hash, bytes, len) != 1)
			return ERR_INTERNAL;
		TRY(image_store_add(
		    &shop->images, call->deadline, &image->file, at, span_of(bytes, len)));
		CRASH_AT("image.chunk");
		left -= len;
	}
	return ERR_OK;
}

static enum err
store(struct shop *shop, const struct call *call, const struct image_upload *upload,
    struct item_image *image)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	enum err err = ERR_INTERNAL;

	TRY_ALLOC(hash);
	if (EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1)
		err = store_chunks(shop, call, upload, hash, image);
	if (err == ERR_OK && EVP_DigestFinal_ex(hash, digest, NULL) != 1)
		err = ERR_INTERNAL;
	EVP_MD_CTX_free(hash);
	TRY(err);
	hex_encode(digest, (IMAGE_HASH_SIZE - 1) / 2, image->hash);
	return image_store_finish(&shop->images, call->deadline, image);
}

struct setting {
	struct shop *shop;
	const struct item_image *image;
};

static enum err
apply_image(const struct call *call, const void *what, const struct item *now, struct item *next)
{
	const struct setting *setting = what;

	TRY(image_flow_doubt(setting->shop, call->deadline, now, call->now_ms));
	return item_set_image(call->arena, now, setting->image, call->now_ms, next);
}

static enum err
put(struct shop *shop, const struct call *call, const struct id *id,
    const struct image_upload *upload, const struct item_guard *guard, struct item_image *image)
{
	const struct setting setting = {shop, image};
	const struct item_change change = {"item.updated", apply_image, &setting};
	struct item before;

	TRY(store(shop, call, upload, image));
	CRASH_AT("image.stored");
	TRY(item_change_run(shop, call, id, guard, &change, &before, NULL));
	CRASH_AT("image.named");
	image_flow_drop(shop, call->deadline, &before);
	/* Left doubtful, the sweeper would find that it is named. */
	if (image_store_doubt(&shop->images, call->deadline, &image->file, 0) != ERR_OK)
		log_warn("an image is left to the sweeper", LOG_TEXT("file", image->file.text));
	return ERR_OK;
}

enum err
image_flow_put(struct shop *shop, const struct call *call, const struct id *id,
    const struct image_upload *upload, const struct item_guard *guard)
{
	struct item_image image = {.present = true, .length = (int64_t)upload->length};
	struct item item;
	enum err err;

	/* Before megabytes are read that nobody may put. */
	TRY(item_store_get(&shop->items, call->deadline, call->arena, id, &item));
	TRY(item_check_editor(&item, call->principal, call->fault));
	TRY(guard->check(guard->context, &item));
	id_new(call->now_ms, &image.file);
	TRY(image_store_begin(&shop->images, call->deadline, &image.file, id, call->now_ms));
	err = put(shop, call, id, upload, guard, &image);
	/* After another error the item may name it, or may yet: the sweeper will see. */
	if (err != ERR_OK && err_status(err) < 500)
		remove_file(shop, call->deadline, &image.file);
	return err;
}

static enum err
load(struct image_walk *walk, int64_t at)
{
	TRY(image_store_read(&walk->shop->images, walk->deadline, &walk->file, (size_t)at,
	    walk->chunk, &walk->chunk_len));
	walk->chunk_at = at;
	return ERR_OK;
}

enum err
image_walk_begin(struct image_walk *walk, struct shop *shop, const struct call *call,
    const struct item_image *image, int64_t first, int64_t last)
{
	*walk = (struct image_walk){
	    .shop = shop,
	    .deadline = call->deadline,
	    .file = image->file,
	    .next = first,
	    .last = last,
	    .chunk = arena_alloc(call->arena, IMAGE_CHUNK_BYTES),
	    .chunk_at = -1,
	};
	TRY_ALLOC(walk->chunk);
	return load(walk, first / (int64_t)IMAGE_CHUNK_BYTES);
}

enum err
image_walk_next(struct image_walk *walk, struct span *out)
{
	const int64_t at = walk->next / (int64_t)IMAGE_CHUNK_BYTES;
	const size_t skip = (size_t)(walk->next % (int64_t)IMAGE_CHUNK_BYTES);
	const int64_t wanted = walk->last - walk->next + 1;
	size_t len;

	if (at != walk->chunk_at)
		TRY(load(walk, at));
	if (skip >= walk->chunk_len)
		return ERR_CORRUPT;
	len = walk->chunk_len - skip;
	if ((int64_t)len > wanted)
		len = (size_t)wanted;
	*out = span_of(walk->chunk + skip, len);
	walk->next += (int64_t)len;
	return ERR_OK;
}

static enum err
sweep_image(struct shop *shop, const struct deadline *deadline, struct arena *arena,
    const struct doubtful_image *image)
{
	struct item item;
	enum err err = item_store_get(&shop->items, deadline, arena, &image->item, &item);

	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	if (err == ERR_OK && item.image.present && id_equal(&item.image.file, &image->file))
		return image_store_doubt(&shop->images, deadline, &image->file, 0);
	log_info("an image that no item names was removed", LOG_TEXT("file", image->file.text));
	return image_store_remove(&shop->images, deadline, &image->file);
}

enum err
image_flow_sweep(
    struct shop *shop, const struct deadline *deadline, struct arena *arena, int64_t now_ms)
{
	struct doubtful_image images[SWEEP_MAX];
	size_t count;

	TRY(image_store_list_doubtful(
	    &shop->images, deadline, now_ms - IMAGE_DOUBT_MS, images, SWEEP_MAX, &count));
	for (size_t i = 0; i < count; i++) {
		enum err err = sweep_image(shop, deadline, arena, &images[i]);

		if (err != ERR_OK && err != ERR_NOT_FOUND) /* another pod's sweeper was first */
			return err;
	}
	return ERR_OK;
}

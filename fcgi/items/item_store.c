#include "fcgi/items/item_store.h"

#include <string.h>

#include "shared/base/num.h"
#include "shared/infra/mongo_list.h"
#include "shared/infra/mongo_read.h"

void
item_store_init(const struct mongo *mongo, struct item_store *out)
{
	out->items = mongo_collection(mongo, ITEMS_COLLECTION);
}

void
item_store_fini(struct item_store *store)
{
	if (store->items != NULL)
		mongoc_collection_destroy(store->items);
	store->items = NULL;
}

enum err
item_index_make(struct arena *arena, const struct item *item, struct item_index *out)
{
	const char *texts[2 + ITEM_TAGS_MAX] = {item->name, item->description};
	struct item_index index;
	struct key_list keys;
	size_t facet_count;

	for (size_t i = 0; i < item->tag_count; i++)
		texts[2 + i] = item->tags[i];
	if (item->status != ITEM_ACTIVE) {
		*out = (struct item_index){.name_key = ""};
		return ERR_OK;
	}
	TRY(words_of(arena, texts, 2 + item->tag_count, &index.words));
	TRY(words_sort_key(arena, item->name, &index.name_key));
	TRY(item_keys_of(arena, item, &index.words, &keys, &facet_count));
	TRY(item_places_of(arena, item, index.name_key, &keys, facet_count, &index.places));
	*out = index;
	return ERR_OK;
}

static bool
put_texts(bson_t *document, const char *name, const char *const *texts, size_t count)
{
	struct mongo_list list;
	bool fits = mongo_list_begin(document, name, &list);

	for (size_t i = 0; fits && i < count; i++)
		fits = mongo_list_put_text(&list, texts[i]);
	return fits && mongo_list_end(document, &list);
}

/* Names that people choose are values here, so that none is ever a key of a document. */
static bool
put_attributes(bson_t *document, const struct item *item)
{
	struct mongo_list list;
	bson_t pair;
	bool fits = mongo_list_begin(document, "attributes", &list);

	for (size_t i = 0; fits && i < item->attribute_count; i++)
		fits = mongo_list_open(&list, &pair) &&
		    mongo_put_text(&pair, "name", item->attributes[i].name) &&
		    mongo_put_text(&pair, "value", item->attributes[i].value) &&
		    mongo_list_close(&list, &pair);
	return fits && mongo_list_end(document, &list);
}

static bool
put_text_or_null(bson_t *document, const char *name, const char *text)
{
	return text != NULL ? mongo_put_text(document, name, text)
			    : bson_append_null(document, name, -1);
}

static bool
put_number_or_null(bson_t *document, const char *name, bool present, int64_t number)
{
	return present ? bson_append_int64(document, name, -1, number)
		       : bson_append_null(document, name, -1);
}

static bool
put_image(bson_t *document, const struct item_image *image)
{
	bson_t inner;

	if (!image->present)
		return bson_append_null(document, "image", -1);
	return BSON_APPEND_DOCUMENT_BEGIN(document, "image", &inner) &&
	    mongo_put_text(&inner, "file", image->file.text) &&
	    mongo_put_text(&inner, "sha256", image->hash) &&
	    mongo_put_text(&inner, "type", image->type) &&
	    BSON_APPEND_INT64(&inner, "length", image->length) &&
	    bson_append_document_end(document, &inner);
}

bool
item_put_index(bson_t *document, const struct item_index *index)
{
	return mongo_put_text(document, "name_key", index->name_key) &&
	    put_texts(document, "words", index->words.list, index->words.count) &&
	    put_texts(document, "places", index->places.list, index->places.count);
}

/* What may change. */
static bool
put_contents(bson_t *document, const struct item *item, const struct item_index *index)
{
	return mongo_put_text(document, "name", item->name) &&
	    mongo_put_text(document, "description", item->description) &&
	    mongo_put_money(document, "price", &item->price) &&
	    BSON_APPEND_INT64(document, "stock", item->stock) &&
	    put_text_or_null(document, "category", item->category) &&
	    put_texts(document, "tags", item->tags, item->tag_count) &&
	    put_attributes(document, item) &&
	    put_text_or_null(document, "image_url", item->image_url) &&
	    put_image(document, &item->image) &&
	    put_number_or_null(
		document, "low_stock_at", item->has_low_stock_at, item->low_stock_at) &&
	    mongo_put_text(document, "status", item_status_text(item->status)) &&
	    item_put_index(document, index) &&
	    BSON_APPEND_INT64(document, "version", item->version) &&
	    BSON_APPEND_DATE_TIME(document, "updated_at", item->updated_at_ms);
}

bool
item_to_document(bson_t *document, const struct item *item, const struct item_index *index)
{
	return mongo_put_text(document, "_id", item->id.text) &&
	    mongo_put_text(document, "seller_id", item->seller_id.text) &&
	    put_contents(document, item, index) &&
	    BSON_APPEND_DATE_TIME(document, "created_at", item->created_at_ms);
}

enum err
item_store_insert(struct item_store *store, const struct deadline *deadline,
    const struct item *item, const struct item_index *index, const struct idempotency *idempotency,
    const struct kept_answer *answer, const struct pending_event *event)
{
	auto_bson bson_t *document = bson_new();
	bool fits = item_to_document(document, item, index) &&
	    (idempotency == NULL ||
		embedded_put_claim(document, idempotency, item->created_at_ms, answer)) &&
	    embedded_put_events(document, event);

	if (!fits)
		return ERR_MEMORY;
	return mongo_insert(store->items, deadline, document);
}

bson_t *
item_fields_new(void)
{
	return BCON_NEW("seller_id", BCON_INT32(1), "name", BCON_INT32(1), "name_key",
	    BCON_INT32(1), "description", BCON_INT32(1), "price", BCON_INT32(1), "stock",
	    BCON_INT32(1), "category", BCON_INT32(1), "tags", BCON_INT32(1), "attributes",
	    BCON_INT32(1), "image_url", BCON_INT32(1), "image", BCON_INT32(1), "low_stock_at",
	    BCON_INT32(1), "status", BCON_INT32(1), "version", BCON_INT32(1), "created_at",
	    BCON_INT32(1), "updated_at", BCON_INT32(1));
}

static enum err
get_tags(struct arena *arena, const bson_t *document, struct item *item)
{
	uint32_t count = mongo_array_count(document, "tags");
	const char **tags = arena_array(arena, count, sizeof(*tags));
	struct mongo_array array;

	TRY_ALLOC(tags);
	TRY(mongo_array_begin(document, "tags", &array));
	for (item->tag_count = 0; mongo_array_next(&array); item->tag_count++)
		TRY(mongo_array_text(&array, &tags[item->tag_count]));
	item->tags = tags;
	return ERR_OK;
}

/* NAME and VALUE of PAIR are borrowed from a document that outlives the view ELEMENT. */
static enum err
get_attributes(struct arena *arena, const bson_t *document, struct item *item)
{
	uint32_t count = mongo_array_count(document, "attributes");
	struct text_pair *pairs = arena_array(arena, count, sizeof(*pairs));
	struct mongo_array array;

	TRY_ALLOC(pairs);
	TRY(mongo_array_begin(document, "attributes", &array));
	for (item->attribute_count = 0; mongo_array_next(&array); item->attribute_count++) {
		struct text_pair *pair = &pairs[item->attribute_count];
		bson_t element;

		TRY(mongo_array_document(&array, &element));
		TRY(mongo_get_text(&element, "name", &pair->name));
		TRY(mongo_get_text(&element, "value", &pair->value));
	}
	item->attributes = pairs;
	return ERR_OK;
}

static enum err
get_text_or_null(const bson_t *document, const char *name, const char **out)
{
	*out = NULL;
	return mongo_has(document, name) ? mongo_get_text(document, name, out) : ERR_OK;
}

static enum err
get_low_stock_at(const bson_t *document, struct item *item)
{
	item->has_low_stock_at = mongo_has(document, "low_stock_at");
	item->low_stock_at = 0;
	return item->has_low_stock_at ? mongo_get_int(document, "low_stock_at", &item->low_stock_at)
				      : ERR_OK;
}

static enum err
get_reserved(const bson_t *document, struct item *item)
{
	struct mongo_array array;

	item->reserved = 0;
	TRY(mongo_array_begin(document, "reservations", &array));
	for (item->reservation_count = 0; mongo_array_next(&array); item->reservation_count++) {
		bson_t element;
		int64_t quantity;

		TRY(mongo_array_document(&array, &element));
		TRY(mongo_get_int(&element, "quantity", &quantity));
		if (!num_add_i64(item->reserved, quantity, &item->reserved))
			return ERR_CORRUPT;
	}
	return ERR_OK;
}

static enum err
get_image(const bson_t *document, struct item_image *out)
{
	struct item_image image = {.present = true};
	const char *hash;
	bson_t inner;

	*out = (struct item_image){.present = false};
	if (!mongo_has(document, "image"))
		return ERR_OK;
	TRY(mongo_get_document(document, "image", &inner));
	TRY(mongo_get_id(&inner, "file", &image.file));
	TRY(mongo_get_text(&inner, "sha256", &hash));
	TRY(mongo_get_text(&inner, "type", &image.type));
	TRY(mongo_get_int(&inner, "length", &image.length));
	if (strlen(hash) != IMAGE_HASH_SIZE - 1 || image.length <= 0)
		return ERR_CORRUPT;
	memcpy(image.hash, hash, IMAGE_HASH_SIZE);
	*out = image;
	return ERR_OK;
}

enum err
item_from_document(struct arena *arena, const bson_t *document, struct item *out)
{
	struct item item;
	const char *status;

	TRY(mongo_get_id(document, "_id", &item.id));
	TRY(mongo_get_id(document, "seller_id", &item.seller_id));
	TRY(mongo_get_text(document, "name", &item.name));
	TRY(mongo_get_text(document, "description", &item.description));
	TRY(mongo_get_money(document, "price", &item.price));
	TRY(mongo_get_int(document, "stock", &item.stock));
	TRY(get_text_or_null(document, "category", &item.category));
	TRY(get_tags(arena, document, &item));
	TRY(get_attributes(arena, document, &item));
	TRY(get_text_or_null(document, "image_url", &item.image_url));
	TRY(get_image(document, &item.image));
	TRY(get_low_stock_at(document, &item));
	TRY(get_reserved(document, &item));
	TRY(mongo_get_text(document, "status", &status));
	TRY(item_status_parse(status, &item.status));
	TRY(mongo_get_int(document, "version", &item.version));
	TRY(mongo_get_time(document, "created_at", &item.created_at_ms));
	TRY(mongo_get_time(document, "updated_at", &item.updated_at_ms));
	*out = item;
	return ERR_OK;
}

static void
destroy_document(void *document)
{
	bson_destroy(document);
}

enum err
item_document_keep(struct arena *arena, bson_t *document)
{
	return arena_defer(arena, destroy_document, document);
}

enum err
item_store_get(struct item_store *store, const struct deadline *deadline, struct arena *arena,
    const struct id *id, struct item *out)
{
	/* By its id alone: a store answers that from its index, with no other condition. */
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(id->text));
	auto_bson bson_t *fields = item_fields_new();
	struct item item;
	bson_t *found;

	BCON_APPEND(fields, "reservations.quantity", BCON_INT32(1));
	TRY(mongo_find_one(store->items, deadline, filter, fields, &found));
	if (found == NULL)
		return ERR_NOT_FOUND;
	TRY(item_document_keep(arena, found));
	TRY(item_from_document(arena, found, &item));
	if (item.status != ITEM_ACTIVE)
		return ERR_NOT_FOUND;
	*out = item;
	return ERR_OK;
}

/* The active item at the version that ITEM was derived from. */
static bson_t *
version_before(const struct item *item, bool settled_guard)
{
	bson_t *filter = BCON_NEW("_id", BCON_UTF8(item->id.text), "status",
	    BCON_UTF8(item_status_text(ITEM_ACTIVE)), "version", BCON_INT64(item->version - 1));

	/* Reservations that come change the version; those of sold stock go without. */
	if (settled_guard && item->reservation_count > 0)
		BCON_APPEND(filter, "reservations", "{", "$size",
		    BCON_INT32((int32_t)item->reservation_count), "}");
	return filter;
}

enum err
item_store_change(struct item_store *store, const struct deadline *deadline,
    const struct item_writing *writing, bool *changed)
{
	auto_bson bson_t *filter = version_before(writing->item, writing->settled_guard);
	auto_bson bson_t *update = bson_new();
	bson_t set;

	if (!BSON_APPEND_DOCUMENT_BEGIN(update, "$set", &set) ||
	    !put_contents(&set, writing->item, writing->index) ||
	    !embedded_put_due(&set, &writing->events[0]) ||
	    !bson_append_document_end(update, &set) ||
	    !embedded_put_push(update, writing->events, writing->event_count))
		return ERR_MEMORY;
	return mongo_update_one(store->items, deadline, filter, update, changed);
}

enum err
item_store_blank(struct item_store *store, const struct deadline *deadline, const struct id *seller)
{
	auto_bson bson_t *filter = BCON_NEW("status", BCON_UTF8(item_status_text(ITEM_ARCHIVED)),
	    "seller_id", BCON_UTF8(seller->text));
	auto_bson bson_t *update =
	    BCON_NEW("$set", "{", "name", BCON_UTF8(""), "name_key", BCON_UTF8(""), "description",
		BCON_UTF8(""), "category", BCON_NULL, "tags", "[", "]", "attributes", "[", "]",
		"words", "[", "]", "}", "$unset", "{", "idempotency", BCON_UTF8(""), "}");
	int64_t matched;

	return mongo_update_many(store->items, deadline, MONGO_MAJORITY, filter, update, &matched);
}

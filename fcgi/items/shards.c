#include "fcgi/items/shards.h"

#include "fcgi/items/claim_store.h"
#include "fcgi/items/image_store.h"
#include "fcgi/items/indexes.h"
#include "fcgi/items/item_store.h"
#include "fcgi/items/order_store.h"
#include "shared/base/log.h"
#include "shared/infra/mongo_index.h"
#include "shared/infra/mongo_shard.h"

/* An item's id is all that a purchase knows of it; ids grow with time, hashes do not. */
static enum err
shard_by_id(const struct mongo *mongo, const char *collection)
{
	auto_bson bson_t *key = BCON_NEW("_id", BCON_UTF8("hashed"));
	const struct mongo_index index = {.name = "_id_hashed", .keys = key};

	/* The server makes it by itself for a collection without documents alone. */
	TRY(mongo_create_index(mongo, collection, &index));
	return mongo_shard(mongo, collection, key);
}

/* Not hashed: (buyer_id, idempotency.key) is unique. */
static enum err
shard_orders(const struct mongo *mongo)
{
	auto_bson bson_t *key = BCON_NEW("buyer_id", BCON_INT32(1));

	return mongo_shard(mongo, ORDERS_COLLECTION, key);
}

/* All parts of a picture stand on one shard; the files, small documents, on the first. */
static enum err
shard_images(const struct mongo *mongo)
{
	auto_bson bson_t *key = BCON_NEW("files_id", BCON_INT32(1));

	return mongo_shard(mongo, IMAGE_CHUNKS_COLLECTION, key);
}

/* Not yet where a unique index forbids it, which is to go. */
static enum err
shard_items(const struct mongo *mongo)
{
	bool former;

	TRY(mongo_has_index(mongo, ITEMS_COLLECTION, ITEMS_FORMER_KEYS, &former));
	return former ? ERR_OK : shard_by_id(mongo, ITEMS_COLLECTION);
}

enum err
shards_create(const struct mongo *mongo)
{
	bool router;

	TRY(mongo_is_router(mongo, &router));
	if (!router)
		return ERR_OK;
	TRY(shard_items(mongo));
	TRY(shard_by_id(mongo, CLAIMS_COLLECTION));
	TRY(shard_orders(mongo));
	TRY(shard_images(mongo));
	log_info("items, orders and images are spread over the shards",
	    LOG_TEXT("database", mongoc_database_get_name(mongo->database)));
	return ERR_OK;
}

#include "fcgi/items/claim_backfill.h"

#include "fcgi/items/backfill.h"
#include "fcgi/items/claim_store.h"
#include "fcgi/items/indexes.h"
#include "fcgi/items/item_store.h"
#include "shared/base/log.h"
#include "shared/edge/idempotency.h"
#include "shared/infra/mongo_index.h"
#include "shared/infra/mongo_read.h"

#define NOTE       "claims"
#define ROLLOUT_MS ((int64_t)24 * 3600 * 1000)

struct claiming {
	struct claim_store store;
	const struct deadline *deadline;
};

static enum err
read_claim(const bson_t *item, struct id *seller, const char **key, struct item_claim *out)
{
	bson_t inner;

	TRY(mongo_get_id(item, "seller_id", seller));
	TRY(mongo_get_document(item, "idempotency", &inner));
	TRY(mongo_get_text(&inner, "key", key));
	TRY(mongo_get_text(&inner, "fingerprint", &out->fingerprint));
	return mongo_get_time(&inner, "at", &out->at_ms);
}

static enum err
claim_key(void *context, const bson_t *item, bool *stop)
{
	struct claiming *claiming = context;
	struct item_claim claim;
	struct id seller;
	const char *key;
	enum err err;

	(void)stop;
	TRY(mongo_get_id(item, "_id", &claim.item_id));
	err = read_claim(item, &seller, &key, &claim);
	if (err == ERR_CORRUPT)
		log_error("an item's key can't be read", LOG_TEXT("id", claim.item_id.text));
	TRY(err);
	return claim_store_set(&claiming->store, claiming->deadline, &seller, key, &claim);
}

static enum err
claim_keys(const struct mongo *mongo, const struct deadline *deadline, int64_t now_ms)
{
	auto_collection mongoc_collection_t *items = mongo_collection(mongo, ITEMS_COLLECTION);
	auto_bson bson_t *filter = BCON_NEW(
	    "idempotency.at", "{", "$gte", BCON_DATE_TIME(now_ms - IDEMPOTENCY_KEPT_MS), "}");
	auto_bson bson_t *fields =
	    BCON_NEW("seller_id", BCON_INT32(1), "idempotency.key", BCON_INT32(1),
		"idempotency.fingerprint", BCON_INT32(1), "idempotency.at", BCON_INT32(1));
	const struct mongo_find find = {.filter = filter, .fields = fields, .limit = INT64_MAX};
	struct claiming claiming = {.deadline = deadline};
	enum err err;

	claim_store_init(mongo, &claiming.store);
	err = mongo_find_each(items, deadline, &find, claim_key, &claiming);
	claim_store_fini(&claiming.store);
	return err;
}

/* When any pod did this for the first time. */
static enum err
first_time(const struct mongo *mongo, const struct deadline *deadline, int64_t now_ms, int64_t *out)
{
	auto_collection mongoc_collection_t *notes = mongo_collection(mongo, BACKFILLS_COLLECTION);
	auto_bson bson_t *own = BCON_NEW("_id", NOTE, "at", BCON_DATE_TIME(now_ms));
	auto_bson bson_t *filter = BCON_NEW("_id", NOTE);
	auto_bson bson_t *found = NULL;
	enum err err = mongo_insert(notes, deadline, own);

	if (err != ERR_CONFLICT)
		TRY(err);
	TRY(mongo_find_one(notes, deadline, filter, NULL, &found));
	return found != NULL ? mongo_get_time(found, "at", out) : ERR_CORRUPT;
}

enum err
claim_backfill_run(const struct mongo *mongo, const struct deadline *deadline, int64_t now_ms)
{
	int64_t first_ms;
	bool former;

	TRY(mongo_has_index(mongo, ITEMS_COLLECTION, ITEMS_FORMER_KEYS, &former));
	if (!former)
		return ERR_OK;
	TRY(first_time(mongo, deadline, now_ms, &first_ms));
	TRY(claim_keys(mongo, deadline, now_ms));
	if (now_ms - first_ms >= ROLLOUT_MS)
		return mongo_drop_index(mongo, ITEMS_COLLECTION, ITEMS_FORMER_KEYS);
	log_info("an index of the version before stays, as its pods may still serve: the first "
		 "--migrate a day from now drops it",
	    LOG_TEXT("collection", ITEMS_COLLECTION), LOG_TEXT("index", ITEMS_FORMER_KEYS));
	return ERR_OK;
}

#include "fcgi/items/claim_store.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/check.h"
#include "shared/edge/idempotency.h"
#include "shared/infra/mongo_read.h"

struct claim_id {
	char text[sizeof(struct id) + 1 + IDEMPOTENCY_KEY_MAX];
};

static struct claim_id
claim_id(const struct id *seller, const char *key)
{
	struct claim_id id;
	int len = snprintf(id.text, sizeof(id.text), "%s/%s", seller->text, key);

	check(len > 0 && (size_t)len < sizeof(id.text)); /* cut, it would be another key's */
	return id;
}

void
claim_store_init(const struct mongo *mongo, struct claim_store *out)
{
	out->claims = mongo_collection(mongo, CLAIMS_COLLECTION);
}

void
claim_store_fini(struct claim_store *store)
{
	if (store->claims != NULL)
		mongoc_collection_destroy(store->claims);
	store->claims = NULL;
}

enum err
claim_store_insert(struct claim_store *store, const struct deadline *deadline,
    const struct id *seller, const char *key, const struct item_claim *claim)
{
	const struct claim_id id = claim_id(seller, key);
	auto_bson bson_t *document =
	    BCON_NEW("_id", BCON_UTF8(id.text), "item_id", BCON_UTF8(claim->item_id.text),
		"fingerprint", BCON_UTF8(claim->fingerprint), "at", BCON_DATE_TIME(claim->at_ms));

	return mongo_insert(store->claims, deadline, document);
}

enum err
claim_store_set(struct claim_store *store, const struct deadline *deadline, const struct id *seller,
    const char *key, const struct item_claim *claim)
{
	const struct claim_id id = claim_id(seller, key);
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(id.text));
	auto_bson bson_t *update = BCON_NEW("$set", "{", "item_id", BCON_UTF8(claim->item_id.text),
	    "fingerprint", BCON_UTF8(claim->fingerprint), "at", BCON_DATE_TIME(claim->at_ms), "}");
	enum err err = claim_store_insert(store, deadline, seller, key, claim);
	bool there;

	/* Not there: forgotten meanwhile. */
	return err == ERR_CONFLICT
	    ? mongo_update_one(store->claims, deadline, filter, update, &there)
	    : err;
}

enum err
claim_store_find(struct claim_store *store, const struct deadline *deadline, struct arena *arena,
    const struct id *seller, const char *key, struct item_claim *out)
{
	const struct claim_id id = claim_id(seller, key);
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(id.text));
	auto_bson bson_t *found = NULL;
	struct item_claim claim;
	const char *fingerprint;

	TRY(mongo_find_one(store->claims, deadline, filter, NULL, &found));
	if (found == NULL)
		return ERR_NOT_FOUND;
	TRY(mongo_get_id(found, "item_id", &claim.item_id));
	TRY(mongo_get_text(found, "fingerprint", &fingerprint));
	TRY(mongo_get_time(found, "at", &claim.at_ms));
	claim.fingerprint = arena_strdup(arena, fingerprint);
	TRY_ALLOC(claim.fingerprint);
	*out = claim;
	return ERR_OK;
}

enum err
claim_store_drop(struct claim_store *store, const struct deadline *deadline, int64_t before_ms)
{
	auto_bson bson_t *filter = BCON_NEW("at", "{", "$lt", BCON_DATE_TIME(before_ms), "}");

	return mongo_delete_many(store->claims, deadline, MONGO_FAST, filter);
}

enum err
claim_store_drop_of(
    struct claim_store *store, const struct deadline *deadline, const struct id *seller)
{
	const struct claim_id first = claim_id(seller, "");
	struct claim_id beyond = first;
	auto_bson bson_t *filter = NULL;

	beyond.text[strlen(beyond.text) - 1]++; /* what follows '/' */
	filter =
	    BCON_NEW("_id", "{", "$gte", BCON_UTF8(first.text), "$lt", BCON_UTF8(beyond.text), "}");
	return mongo_delete_many(store->claims, deadline, MONGO_MAJORITY, filter);
}

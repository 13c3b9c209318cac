#include "fcgi/items/item_answers.h"

#include "shared/infra/mongo_read.h"

static enum err
find(struct item_store *store, const struct deadline *deadline, struct arena *arena,
    const bson_t *filter, struct claim *out)
{
	auto_bson bson_t *fields = BCON_NEW("idempotency", BCON_INT32(1));
	auto_bson bson_t *found = NULL;
	struct claim claim;

	TRY(mongo_find_one(store->items, deadline, filter, fields, &found));
	if (found == NULL || !mongo_has(found, "idempotency"))
		return ERR_NOT_FOUND;
	TRY(embedded_get_claim(arena, found, &claim));
	if (!claim.has_answer)
		return ERR_CORRUPT;
	*out = claim;
	return ERR_OK;
}

enum err
item_answers_find(struct item_store *store, const struct deadline *deadline, struct arena *arena,
    const struct id *id, struct claim *out)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(id->text));

	return find(store, deadline, arena, filter, out);
}

enum err
item_answers_find_key(struct item_store *store, const struct deadline *deadline,
    struct arena *arena, const struct id *seller, const char *key, struct claim *out)
{
	auto_bson bson_t *filter =
	    BCON_NEW("seller_id", BCON_UTF8(seller->text), "idempotency.key", BCON_UTF8(key));

	return find(store, deadline, arena, filter, out);
}

enum err
item_answers_drop(struct item_store *store, const struct deadline *deadline, int64_t before_ms)
{
	auto_bson bson_t *filter =
	    BCON_NEW("idempotency.at", "{", "$lt", BCON_DATE_TIME(before_ms), "}");
	auto_bson bson_t *update = BCON_NEW("$unset", "{", "idempotency", BCON_UTF8(""), "}");
	int64_t matched;

	return mongo_update_many(store->items, deadline, MONGO_FAST, filter, update, &matched);
}

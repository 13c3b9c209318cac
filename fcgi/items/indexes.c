#include "fcgi/items/indexes.h"

#include "fcgi/items/claim_store.h"
#include "fcgi/items/image_store.h"
#include "fcgi/items/item_store.h"
#include "fcgi/items/order_store.h"
#include "shared/base/macros.h"
#include "shared/infra/mongo_index.h"

#define KEYS_MAX 5

enum index_kind {
	PLAIN,
	SPARSE, /* only documents that have the field */
	UNIQUE,
	UNIQUE_KEY /* unique among documents that have an Idempotency-Key */
};

struct index_key {
	const char *field;
	int direction;
};

static const struct index_row {
	const char *collection;
	const char *name;
	enum index_kind kind;
	struct index_key keys[KEYS_MAX + 1];
} rows[] = {
    /* The catalogue's lists (item_place.h).  What is bought does not change it. */
    {ITEMS_COLLECTION, ITEMS_BY_PLACE, PLAIN, {{"places", 1}}},
    {ITEMS_COLLECTION, ITEMS_OF_SELLER, PLAIN, {{"seller_id", 1}, {"_id", 1}}},
    {ITEMS_COLLECTION, ITEMS_BY_CATEGORY, PLAIN, {{"status", 1}, {"category", 1}}},
    /* What the sweeper and the relay look for. */
    {ITEMS_COLLECTION, "reservations", SPARSE, {{"reservations.at", 1}}},
    {ITEMS_COLLECTION, "returned", SPARSE, {{"returned.at", 1}}},
    {ITEMS_COLLECTION, "due_events", SPARSE, {{"relay.due", 1}}},
    {ITEMS_COLLECTION, "keys_by_age", SPARSE, {{"idempotency.at", 1}}},

    {CLAIMS_COLLECTION, "by_age", PLAIN, {{"at", 1}}},

    {IMAGE_FILES_COLLECTION, "doubtful", SPARSE, {{"doubtful", 1}}},
    {IMAGE_CHUNKS_COLLECTION, "files_id_1_n_1", UNIQUE, {{"files_id", 1}, {"n", 1}}},

    {ORDERS_COLLECTION, "of_buyer_listed", PLAIN,
	{{"buyer_id", 1}, {"listed", 1}, {"created_at", -1}, {"_id", -1}}},
    {ORDERS_COLLECTION, "of_buyer_by_status", PLAIN,
	{{"buyer_id", 1}, {"status", 1}, {"created_at", -1}, {"_id", -1}}},
    {ORDERS_COLLECTION, "of_seller", PLAIN, {{"sales", 1}, {"created_at", -1}, {"_id", -1}}},
    {ORDERS_COLLECTION, "returns", SPARSE, {{"returns.at", 1}}},
    {ORDERS_COLLECTION, "expiring", SPARSE, {{"expires_at", 1}}},
    {ORDERS_COLLECTION, "due_events", SPARSE, {{"relay.due", 1}}},
    {ORDERS_COLLECTION, "keys_by_age", SPARSE, {{"idempotency.at", 1}}},
    {ORDERS_COLLECTION, "keys", UNIQUE_KEY, {{"buyer_id", 1}, {"idempotency.key", 1}}},
};

static bson_t *
options_of(enum index_kind kind)
{
	switch (kind) {
	case PLAIN:
		return NULL;
	case SPARSE:
		return BCON_NEW("sparse", BCON_BOOL(true));
	case UNIQUE:
		return BCON_NEW("unique", BCON_BOOL(true));
	case UNIQUE_KEY:
		return BCON_NEW("unique", BCON_BOOL(true), "partialFilterExpression", "{",
		    "idempotency.key", "{", "$exists", BCON_BOOL(true), "}", "}");
	}
	return NULL;
}

static enum err
create(const struct mongo *mongo, const struct index_row *row)
{
	auto_bson bson_t *options = options_of(row->kind);
	auto_bson bson_t *keys = bson_new();
	const struct mongo_index index = {.name = row->name, .keys = keys, .options = options};

	for (const struct index_key *key = row->keys; key->field != NULL; key++)
		if (!bson_append_int32(keys, key->field, -1, key->direction))
			return ERR_MEMORY;
	return mongo_create_index(mongo, row->collection, &index);
}

enum err
indexes_create(const struct mongo *mongo)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		TRY(create(mongo, &rows[i]));
	return ERR_OK;
}

enum err
indexes_drop_former(const struct mongo *mongo)
{
	static const char *const of_items[] = {"newest_by_key", "price_by_facet", "name_by_facet"};

	for (size_t i = 0; i < COUNT_OF(of_items); i++)
		TRY(mongo_drop_index(mongo, ITEMS_COLLECTION, of_items[i]));
	return ERR_OK;
}

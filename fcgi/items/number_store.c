#include "fcgi/items/number_store.h"

#include <string.h>

#include "shared/base/id.h"
#include "shared/base/log.h"
#include "shared/infra/mongo_read.h"

#define BLOCK 64
#define NAME  "order_number"

void
number_store_init(const struct mongo *mongo, struct number_store *out)
{
	*out = (struct number_store){.counters = mongo_collection(mongo, COUNTERS_COLLECTION)};
}

void
number_store_fini(struct number_store *store)
{
	if (store->counters != NULL)
		mongoc_collection_destroy(store->counters);
	store->counters = NULL;
}

/* The first of all to need a number makes the secret; of several at once, one does. */
static enum err
make_counter(struct number_store *store, const struct deadline *deadline)
{
	uint8_t key[ORDER_NUMBER_KEY_BYTES];
	auto_bson bson_t *document = NULL;
	enum err err;

	random_bytes(key, sizeof(key));
	document = BCON_NEW("_id", BCON_UTF8(NAME), "key",
	    BCON_BIN(BSON_SUBTYPE_BINARY, key, sizeof(key)), "next", BCON_INT64(0));
	err = mongo_insert(store->counters, deadline, document);
	return err == ERR_CONFLICT ? ERR_OK : err;
}

static enum err
read_block(struct number_store *store, const bson_t *counter)
{
	bson_subtype_t subtype;
	const uint8_t *key;
	bson_iter_t iter;
	uint32_t len;
	int64_t end;

	TRY(mongo_get_int(counter, "next", &end));
	if (!bson_iter_init_find(&iter, counter, "key") || !BSON_ITER_HOLDS_BINARY(&iter))
		return ERR_CORRUPT;
	bson_iter_binary(&iter, &subtype, &len, &key);
	if (len != sizeof(store->key) || end < BLOCK)
		return ERR_CORRUPT;
	if (end > ORDER_NUMBER_COUNT) {
		log_error("all order numbers are taken", LOG_INT("next", end));
		return ERR_INTERNAL;
	}
	memcpy(store->key, key, len);
	store->next = end - BLOCK;
	store->end = end;
	return ERR_OK;
}

static enum err
take_block(struct number_store *store, const struct deadline *deadline)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(NAME));
	auto_bson bson_t *update = BCON_NEW("$inc", "{", "next", BCON_INT64(BLOCK), "}");

	for (;;) {
		auto_bson bson_t *counter = NULL;

		TRY(mongo_find_and_modify(
		    store->counters, deadline, filter, update, NULL, &counter));
		if (counter != NULL)
			return read_block(store, counter);
		TRY(make_counter(store, deadline));
	}
}

enum err
number_store_take(
    struct number_store *store, const struct deadline *deadline, char out[ORDER_NUMBER_SIZE])
{
	if (store->next == store->end)
		TRY(take_block(store, deadline));
	order_number_make(store->key, store->next++, out);
	return ERR_OK;
}

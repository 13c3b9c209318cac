#include "fcgi/items/relay_store.h"

#include "shared/infra/mongo_read.h"

#define DEPTH_MAX 100000

/* NAME: {$in: LIST} */
static bool
put_in(bson_t *document, const char *name, const struct mongo_list *list)
{
	bson_t in;

	return bson_append_document_begin(document, name, -1, &in) &&
	    BSON_APPEND_ARRAY(&in, "$in", &list->bson) && bson_append_document_end(document, &in);
}

static enum err
gather_id(void *context, const bson_t *document, bool *stop)
{
	struct mongo_list *list = context;
	const char *id;

	*stop = false;
	TRY(mongo_get_text(document, "_id", &id));
	return mongo_list_put_text(list, id) ? ERR_OK : ERR_MEMORY;
}

enum err
relay_store_find(mongoc_collection_t *collection, const struct deadline *deadline, int64_t now_ms,
    size_t max, struct mongo_list *documents)
{
	auto_bson bson_t *filter = BCON_NEW("relay.due", "{", "$lte", BCON_DATE_TIME(now_ms), "}");
	auto_bson bson_t *fields = BCON_NEW("_id", BCON_INT32(1));
	auto_bson bson_t *sort = BCON_NEW("relay.due", BCON_INT32(1));
	const struct mongo_find find = {
	    .filter = filter,
	    .fields = fields,
	    .sort = sort,
	    .limit = (int64_t)max,
	};

	return mongo_find_each(collection, deadline, &find, gather_id, documents);
}

enum err
relay_store_lease(mongoc_collection_t *collection, const struct deadline *deadline, int64_t now_ms,
    int64_t until_ms, const struct mongo_list *documents, const struct id *token)
{
	auto_bson bson_t *filter = BCON_NEW("relay.due", "{", "$lte", BCON_DATE_TIME(now_ms), "}");
	auto_bson bson_t *update = BCON_NEW("$set", "{", "relay", "{", "due",
	    BCON_DATE_TIME(until_ms), "token", BCON_UTF8(token->text), "}", "}");
	int64_t matched;

	if (!put_in(filter, "_id", documents))
		return ERR_MEMORY;
	return mongo_update_many(collection, deadline, MONGO_FAST, filter, update, &matched);
}

enum err
relay_store_each_leased(mongoc_collection_t *collection, const struct deadline *deadline,
    const struct mongo_list *documents, const struct id *token,
    enum err (*each)(void *context, const bson_t *document, bool *stop), void *context)
{
	auto_bson bson_t *filter = BCON_NEW("relay.token", BCON_UTF8(token->text));
	auto_bson bson_t *fields = BCON_NEW("pending_events", BCON_INT32(1));
	auto_bson bson_t *sort = BCON_NEW("_id", BCON_INT32(1)); /* made earlier, told earlier */
	const struct mongo_find find = {
	    .filter = filter,
	    .fields = fields,
	    .sort = sort,
	    .limit = (int64_t)documents->count,
	};

	if (!put_in(filter, "_id", documents))
		return ERR_MEMORY;
	return mongo_find_each(collection, deadline, &find, each, context);
}

/* Documents whose events are all told are of no interest to a relay any more. */
static enum err
retire(mongoc_collection_t *collection, const struct deadline *deadline,
    const struct mongo_list *documents)
{
	auto_bson bson_t *filter = BCON_NEW("pending_events", "{", "$size", BCON_INT32(0), "}");
	auto_bson bson_t *update = BCON_NEW("$unset", "{", "relay", BCON_UTF8(""), "}");
	int64_t matched;

	if (!put_in(filter, "_id", documents))
		return ERR_MEMORY;
	return mongo_update_many(collection, deadline, MONGO_FAST, filter, update, &matched);
}

enum err
relay_store_settle(mongoc_collection_t *collection, const struct deadline *deadline,
    const struct mongo_list *documents, const struct mongo_list *events, int64_t due_ms)
{
	auto_bson bson_t *filter = bson_new();
	auto_bson bson_t *update = BCON_NEW("$set", "{", "relay.due", BCON_DATE_TIME(due_ms), "}");
	bson_t pull, list;
	int64_t matched;
	bool fits = put_in(filter, "_id", documents);

	if (fits && events->count > 0)
		fits = BSON_APPEND_DOCUMENT_BEGIN(update, "$pull", &pull) &&
		    BSON_APPEND_DOCUMENT_BEGIN(&pull, "pending_events", &list) &&
		    put_in(&list, "id", events) && bson_append_document_end(&pull, &list) &&
		    bson_append_document_end(update, &pull);
	if (!fits)
		return ERR_MEMORY;
	TRY(mongo_update_many(collection, deadline, MONGO_MAJORITY, filter, update, &matched));
	return retire(collection, deadline, documents);
}

static enum err
read_oldest(void *context, const bson_t *document, bool *stop)
{
	int64_t *oldest_at_ms = context;
	struct mongo_array array;

	*stop = true;
	TRY(mongo_array_begin(document, "pending_events", &array));
	while (mongo_array_next(&array)) {
		bson_t element;
		int64_t at_ms;

		TRY(mongo_array_document(&array, &element));
		TRY(mongo_get_time(&element, "at", &at_ms));
		if (at_ms < *oldest_at_ms)
			*oldest_at_ms = at_ms;
	}
	return ERR_OK;
}

enum err
relay_store_depth(mongoc_collection_t *collection, const struct deadline *deadline, int64_t *count,
    int64_t *oldest_at_ms)
{
	auto_bson bson_t *filter = BCON_NEW("relay.due", "{", "$gt", BCON_DATE_TIME(0), "}");
	auto_bson bson_t *fields = BCON_NEW("pending_events.at", BCON_INT32(1));
	auto_bson bson_t *sort = BCON_NEW("relay.due", BCON_INT32(1));
	const struct mongo_find find = {
	    .filter = filter,
	    .fields = fields,
	    .sort = sort,
	    .limit = 1,
	};

	TRY(mongo_count(collection, deadline, filter, DEPTH_MAX, count));
	return mongo_find_each(collection, deadline, &find, read_oldest, oldest_at_ms);
}

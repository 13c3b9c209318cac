#include "fcgi/items/return_store.h"

#include "shared/infra/mongo_list.h"
#include "shared/infra/mongo_read.h"

enum err
return_give(struct item_store *store, const struct deadline *deadline,
    const struct stock_return *stock, int64_t now_ms)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(stock->item_id.text),
	    "returned.order_id", "{", "$ne", BCON_UTF8(stock->order_id.text), "}");
	auto_bson bson_t *update = BCON_NEW("$inc", "{", "stock", BCON_INT64(stock->quantity),
	    "version", BCON_INT64(1), "}", "$max", "{", "updated_at", BCON_DATE_TIME(now_ms), "}",
	    "$push", "{", "returned", "{", "order_id", BCON_UTF8(stock->order_id.text), "buyer_id",
	    BCON_UTF8(stock->buyer_id.text), "at", BCON_DATE_TIME(now_ms), "}", "}");
	bool given;

	return mongo_update_one(store->items, deadline, filter, update, &given);
}

struct markers {
	int64_t before_ms;
	struct stock_return *list;
	size_t max, count;
};

static enum err
read_marker(const struct id *item, const bson_t *element, struct markers *markers)
{
	struct stock_return marker = {.item_id = *item};
	int64_t at_ms;

	TRY(mongo_get_time(element, "at", &at_ms));
	if (at_ms >= markers->before_ms)
		return ERR_OK;
	TRY(mongo_get_id(element, "order_id", &marker.order_id));
	TRY(mongo_get_id(element, "buyer_id", &marker.buyer_id));
	markers->list[markers->count++] = marker;
	return ERR_OK;
}

static enum err
gather_markers(void *context, const bson_t *document, bool *stop)
{
	struct markers *markers = context;
	struct mongo_array array;
	struct id item;

	TRY(mongo_get_id(document, "_id", &item));
	TRY(mongo_array_begin(document, "returned", &array));
	while (markers->count < markers->max && mongo_array_next(&array)) {
		bson_t element;

		TRY(mongo_array_document(&array, &element));
		TRY(read_marker(&item, &element, markers));
	}
	*stop = markers->count == markers->max;
	return ERR_OK;
}

enum err
return_list_markers(struct item_store *store, const struct deadline *deadline, int64_t before_ms,
    struct stock_return *out, size_t max, size_t *count)
{
	auto_bson bson_t *filter =
	    BCON_NEW("returned.at", "{", "$lt", BCON_DATE_TIME(before_ms), "}");
	auto_bson bson_t *fields = BCON_NEW("returned", BCON_INT32(1));
	const struct mongo_find find = {.filter = filter, .fields = fields, .limit = (int64_t)max};
	struct markers markers = {.before_ms = before_ms, .list = out, .max = max};

	TRY(mongo_find_each(store->items, deadline, &find, gather_markers, &markers));
	*count = markers.count;
	return ERR_OK;
}

/* Appends $pull of the markers. */
static bool
put_pull(bson_t *update, const struct stock_return *markers, size_t count)
{
	struct mongo_pull pull;
	bool fits = mongo_pull_begin(update, "returned", "order_id", &pull);

	for (size_t i = 0; fits && i < count; i++)
		fits = mongo_list_put_text(&pull.values, markers[i].order_id.text);
	return fits && mongo_pull_end(update, &pull);
}

enum err
return_remove_markers(struct item_store *store, const struct deadline *deadline,
    const struct stock_return *markers, size_t count)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(markers[0].item_id.text));
	auto_bson bson_t *update = bson_new();
	int64_t matched;

	if (!put_pull(update, markers, count))
		return ERR_MEMORY;
	/* Lost in a failover, they are found again. */
	return mongo_update_many(store->items, deadline, MONGO_FAST, filter, update, &matched);
}

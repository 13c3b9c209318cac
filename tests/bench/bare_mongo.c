/*
 * bench/bare_mongo: what items.fcgi asks of MongoDB, asked without anything around it.
 *
 *   bare_mongo find|purchase URI DATABASE THREADS SECONDS
 *
 * find: one item by its _id.  purchase: the four writes of a purchase, majority and journalled: the
 * order as pending, the stock's decrement with its reservation, the order as confirmed with its
 * event, the reservation's end.  Indexes and items are copied from the shop's DATABASE into one of
 * its own, which is removed in the end.
 */
#include <inttypes.h>
#include <mongoc/mongoc.h>
#include <string.h>

#include "tests/bench/measure.h"

#define OWN_DATABASE "shop_bench"
#define ITEMS        100

static mongoc_client_pool_t *pool;
static unsigned long run_id; /* keeps the orders' ids apart from those of a run that was killed */

struct own {
	mongoc_client_t *client;
	mongoc_collection_t *items, *orders;
	mongoc_find_and_modify_opts_t *reserve;
	unsigned thread;
	uint64_t random;
};

static void
item_id(char out[37], uint64_t at)
{
	snprintf(out, 37, "0190e2b0-1111-7222-8333-%012" PRIu64, at % ITEMS);
}

static uint64_t
random_next(struct own *own)
{
	own->random ^= own->random << 13;
	own->random ^= own->random >> 7;
	own->random ^= own->random << 17;
	return own->random;
}

static void
end(void *argument)
{
	struct own *own = argument;

	mongoc_find_and_modify_opts_destroy(own->reserve);
	mongoc_collection_destroy(own->items);
	mongoc_collection_destroy(own->orders);
	mongoc_client_pool_push(pool, own->client);
	free(own);
}

static void *
begin(unsigned thread)
{
	struct own *own = calloc(1, sizeof *own);
	bson_t *fields;

	if (own == NULL)
		return NULL;
	own->client = mongoc_client_pool_pop(pool);
	own->items = mongoc_client_get_collection(own->client, OWN_DATABASE, "items");
	own->orders = mongoc_client_get_collection(own->client, OWN_DATABASE, "orders");
	own->thread = thread;
	own->random = 0x9e3779b97f4a7c15u * (thread + 1);
	own->reserve = mongoc_find_and_modify_opts_new();
	mongoc_find_and_modify_opts_set_flags(own->reserve, MONGOC_FIND_AND_MODIFY_RETURN_NEW);
	fields =
	    BCON_NEW("name", BCON_INT32(1), "price", BCON_INT32(1), "seller_id", BCON_INT32(1));
	mongoc_find_and_modify_opts_set_fields(own->reserve, fields);
	bson_destroy(fields);
	return own;
}

static bool
find_one(void *argument, uint64_t at)
{
	struct own *own = argument;
	char id[37];
	const bson_t *found = NULL;
	bson_t *filter;
	mongoc_cursor_t *cursor;
	bool ok;

	(void)at;
	item_id(id, random_next(own));
	filter = BCON_NEW("_id", BCON_UTF8(id));
	cursor = mongoc_collection_find_with_opts(own->items, filter, NULL, NULL);
	ok = mongoc_cursor_next(cursor, &found);
	mongoc_cursor_destroy(cursor);
	bson_destroy(filter);
	return ok;
}

/* --- a purchase ---------------------------------------------------------------------------- */

static bool
order_insert(struct own *own, const char *order, const char *item)
{
	bson_t *document = BCON_NEW("_id", BCON_UTF8(order), "number", BCON_UTF8(order), "buyer_id",
	    "0190e2a4-8000-7d3e-8f00-1a2b3c4d5e6f", "status", "pending", "lines", "[", "{",
	    "item_id", BCON_UTF8(item), "quantity", BCON_INT64(1), "}", "]", "expires_at",
	    BCON_DATE_TIME(1740821400000), "created_at", BCON_DATE_TIME(1740821400000));
	bool ok = mongoc_collection_insert_one(own->orders, document, NULL, NULL, NULL);

	bson_destroy(document);
	return ok;
}

static bool
item_reserve(struct own *own, const char *order, const char *item)
{
	bson_t *filter = BCON_NEW("_id", BCON_UTF8(item), "status", "active", "stock", "{", "$gte",
	    BCON_INT64(1), "}", "reservations.order_id", "{", "$ne", BCON_UTF8(order), "}");
	bson_t *update = BCON_NEW("$inc", "{", "stock", BCON_INT64(-1), "version", BCON_INT64(1),
	    "}", "$push", "{", "reservations", "{", "order_id", BCON_UTF8(order), "quantity",
	    BCON_INT64(1), "at", BCON_DATE_TIME(1740821400000), "}", "}");
	bson_t reply;
	bson_iter_t iter;
	bool ok;

	mongoc_find_and_modify_opts_set_update(own->reserve, update);
	ok = mongoc_collection_find_and_modify_with_opts(
	    own->items, filter, own->reserve, &reply, NULL);
	ok = ok && bson_iter_init_find(&iter, &reply, "value") && BSON_ITER_HOLDS_DOCUMENT(&iter);
	bson_destroy(&reply);
	bson_destroy(update);
	bson_destroy(filter);
	return ok;
}

static bool
update_one(mongoc_collection_t *collection, bson_t *filter, bson_t *update)
{
	bson_t reply;
	bson_iter_t iter;
	bool ok = mongoc_collection_update_one(collection, filter, update, NULL, &reply, NULL);

	ok = ok && bson_iter_init_find(&iter, &reply, "modifiedCount") &&
	    bson_iter_as_int64(&iter) == 1;
	bson_destroy(&reply);
	bson_destroy(update);
	bson_destroy(filter);
	return ok;
}

static bool
order_confirm(struct own *own, const char *order)
{
	static const char event[] =
	    "{\"specversion\":\"1.0\",\"id\":\"0190e2c0-aaaa-7bbb-8ccc-ddddeeeeffff\",\"source\":"
	    "\"/items\",\"type\":\"order.created\",\"subject\":\"0190e2c0-aaaa-7bbb-8ccc-ddddeeeef"
	    "fff\",\"time\":\"2025-03-01T10:30:00.000Z\",\"datacontenttype\":\"application/json\","
	    "\"data\":{\"order\":{\"id\":\"0190e2c0-aaaa-7bbb-8ccc-ddddeeeeffff\",\"number\":"
	    "\"7K2M-9QXA\",\"status\":\"confirmed\",\"total\":{\"amount\":3998,\"currency\":"
	    "\"EUR\"}}}}";

	return update_one(own->orders, BCON_NEW("_id", BCON_UTF8(order), "status", "pending"),
	    BCON_NEW("$set", "{", "status", "confirmed", "total", "{", "amount", BCON_INT64(1999),
		"currency", "EUR", "}", "history", "[", "{", "status", "confirmed", "at",
		BCON_DATE_TIME(1740821400000), "}", "]", "pending_events", "[", "{", "id",
		"0190e2c0-aaaa-7bbb-8ccc-ddddeeeeffff", "type", "order.created", "body",
		BCON_UTF8(event), "}", "]", "}", "$unset", "{", "expires_at", "", "}"));
}

static bool
item_settle(struct own *own, const char *order, const char *item)
{
	return update_one(own->items,
	    BCON_NEW("_id", BCON_UTF8(item), "reservations.order_id", BCON_UTF8(order)),
	    BCON_NEW("$pull", "{", "reservations", "{", "order_id", BCON_UTF8(order), "}", "}"));
}

static bool
purchase(void *argument, uint64_t at)
{
	struct own *own = argument;
	char order[37], item[37];

	item_id(item, random_next(own));
	snprintf(order, sizeof order, "%08lx-%04x-7000-8000-%012" PRIx64, run_id & 0xfffffffful,
	    own->thread & 0xffffu, at & 0xffffffffffffu);
	return order_insert(own, order, item) && item_reserve(own, order, item) &&
	    order_confirm(own, order) && item_settle(own, order, item);
}

/* --- the database -------------------------------------------------------------------------- */

/* An index of the shop's, as createIndexes takes it. */
static void
index_copy(const bson_t *from, bson_t *to)
{
	bson_copy_to_excluding_noinit(from, to, "v", "ns", NULL);
}

static bool
indexes_copy(mongoc_client_t *client, const char *from, const char *name)
{
	mongoc_collection_t *source = mongoc_client_get_collection(client, from, name);
	mongoc_database_t *target = mongoc_client_get_database(client, OWN_DATABASE);
	mongoc_cursor_t *cursor = mongoc_collection_find_indexes_with_opts(source, NULL);
	bson_t *command = BCON_NEW("createIndexes", BCON_UTF8(name));
	const bson_t *index;
	bson_t indexes, one;
	char at[12];
	unsigned count = 0;
	bool ok;

	BSON_APPEND_ARRAY_BEGIN(command, "indexes", &indexes);
	while (mongoc_cursor_next(cursor, &index)) {
		snprintf(at, sizeof at, "%u", count++);
		BSON_APPEND_DOCUMENT_BEGIN(&indexes, at, &one);
		index_copy(index, &one);
		bson_append_document_end(&indexes, &one);
	}
	bson_append_array_end(command, &indexes);
	ok =
	    count > 0 && mongoc_database_write_command_with_opts(target, command, NULL, NULL, NULL);
	bson_destroy(command);
	mongoc_cursor_destroy(cursor);
	mongoc_database_destroy(target);
	mongoc_collection_destroy(source);
	return ok;
}

/* Copies of one of the shop's items, under ids of their own. */
static bool
items_copy(mongoc_client_t *client, const char *from)
{
	mongoc_collection_t *source = mongoc_client_get_collection(client, from, "items");
	mongoc_collection_t *items = mongoc_client_get_collection(client, OWN_DATABASE, "items");
	bson_t *filter = BCON_NEW("status", "active");
	bson_t *options = BCON_NEW("limit", BCON_INT64(1));
	mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(source, filter, options, NULL);
	const bson_t *item;
	bool ok = mongoc_cursor_next(cursor, &item);
	char id[37];

	for (uint64_t at = 0; ok && at < ITEMS; at++) {
		bson_t document = BSON_INITIALIZER;

		item_id(id, at);
		BSON_APPEND_UTF8(&document, "_id", id);
		bson_copy_to_excluding_noinit(item, &document, "_id", NULL);
		ok = mongoc_collection_insert_one(items, &document, NULL, NULL, NULL);
		bson_destroy(&document);
	}
	mongoc_cursor_destroy(cursor);
	bson_destroy(options);
	bson_destroy(filter);
	mongoc_collection_destroy(items);
	mongoc_collection_destroy(source);
	return ok;
}

static bool
database_drop(mongoc_client_t *client)
{
	mongoc_database_t *database = mongoc_client_get_database(client, OWN_DATABASE);
	bool ok = mongoc_database_drop(database, NULL);

	mongoc_database_destroy(database);
	return ok;
}

static mongoc_client_pool_t *
pool_new(const char *text)
{
	mongoc_uri_t *uri = mongoc_uri_new(text);
	mongoc_write_concern_t *concern = mongoc_write_concern_new();
	mongoc_client_pool_t *made;

	if (uri == NULL)
		return NULL;
	mongoc_write_concern_set_wmajority(concern, 0);
	mongoc_write_concern_set_journal(concern, true);
	mongoc_uri_set_write_concern(uri, concern);
	made = mongoc_client_pool_new(uri);
	mongoc_write_concern_destroy(concern);
	mongoc_uri_destroy(uri);
	return made;
}

int
main(int argc, char **argv)
{
	struct measure measure = {.begin = begin, .end = end};
	mongoc_client_t *client;
	int status = EXIT_FAILURE;

	if (argc != 6) {
		fprintf(stderr, "usage: bare_mongo find|purchase URI DATABASE THREADS SECONDS\n");
		return 64;
	}
	measure.work = strcmp(argv[1], "find") == 0 ? find_one : purchase;
	measure.seconds = strtod(argv[5], NULL);
	run_id = (unsigned long)time(NULL);
	mongoc_init();
	pool = pool_new(argv[2]);
	if (pool == NULL)
		return EXIT_FAILURE;
	client = mongoc_client_pool_pop(pool);
	if (database_drop(client) && indexes_copy(client, argv[3], "items") &&
	    indexes_copy(client, argv[3], "orders") && items_copy(client, argv[3]))
		status = measure_run(&measure, (unsigned)strtoul(argv[4], NULL, 10));
	if (!database_drop(client))
		status = EXIT_FAILURE;
	mongoc_client_pool_push(pool, client);
	mongoc_client_pool_destroy(pool);
	mongoc_cleanup();
	return status;
}

/*
 * tests/unit/items/shop_rig: a shop over a MongoDB of the test's own, emptied for each test.
 */
#ifndef TESTS_UNIT_ITEMS_SHOP_RIG_H
#define TESTS_UNIT_ITEMS_SHOP_RIG_H

#include <string.h>

#include "tests/unit/infra/mongodb.h"
#include "tests/unit/unit.h"

#include "fcgi/items/call.h"
#include "fcgi/items/indexes.h"
#include "fcgi/items/shop.h"
#include "shared/base/log.h"
#include "shared/infra/mongo_read.h"

#define TTL_MS    30000
#define LOW_STOCK 3

static struct shop_rig {
	struct mongodb server;
	struct mongo_pool *pool;
	struct mongo mongo;
	struct shop shop;
	struct arena *arena;
	struct deadline deadline;
	struct fault fault;
	struct principal buyer;
	struct idempotency idempotency;
	const char *traceparent; /* or NULL */
	int64_t now_ms;
} rig;

static struct id
new_id(void)
{
	struct id id;

	id_new(clock_now_ms(&clock_system), &id);
	return id;
}

static int
rig_start(void **state)
{
	(void)state;
	log_init("test", LOG_ERROR + 1, 2);
	if (mongodb_new(&rig.server) != 0 ||
	    mongo_pool_new(rig.server.uri, "test", 10000, "test", &rig.pool) != ERR_OK ||
	    mongo_open(rig.pool, &rig.mongo) != ERR_OK || indexes_create(&rig.mongo) != ERR_OK ||
	    indexes_create(&rig.mongo) != ERR_OK || /* twice: nothing is left to do */
	    arena_new((size_t)16 << 20, &rig.arena) != ERR_OK)
		return -1;
	shop_init(&rig.mongo, &rig.shop);
	rig.shop.reservation_ttl_ms = TTL_MS;
	rig.shop.low_stock = LOW_STOCK;
	return settle_queue_new(64, &rig.shop.sold) == ERR_OK ? 0 : -1;
}

static int
rig_end(void **state)
{
	(void)state;
	settle_queue_free(&rig.shop.sold);
	shop_fini(&rig.shop);
	arena_free(&rig.arena);
	mongo_close(&rig.mongo);
	mongo_pool_free(&rig.pool);
	return mongodb_remove(&rig.server);
}

/* Empty collections, a new buyer, no key. */
static int
rig_empty(void **state)
{
	auto_bson bson_t *all = bson_new();
	struct sold_hold holds[64];

	(void)state;
	arena_reset(rig.arena);
	fault_init(&rig.fault, rig.arena);
	rig.now_ms = clock_now_ms(&clock_system);
	rig.deadline = deadline_in(&clock_system, 120000);
	rig.buyer = (struct principal){.user_id = new_id(), .roles = ROLE_CUSTOMER};
	rig.idempotency = (struct idempotency){.key = NULL};
	rig.traceparent = NULL;
	(void)settle_queue_take(rig.shop.sold, 0, 0, holds, 64);
	return mongoc_collection_delete_many(rig.shop.items.items, all, NULL, NULL, NULL) &&
		mongoc_collection_delete_many(rig.shop.claims.claims, all, NULL, NULL, NULL) &&
		mongoc_collection_delete_many(rig.shop.orders.orders, all, NULL, NULL, NULL)
	    ? 0
	    : -1;
}

__attribute__((unused)) static struct call
rig_call(void)
{
	return (struct call){
	    .arena = rig.arena,
	    .deadline = &rig.deadline,
	    .principal = &rig.buyer,
	    .idempotency = &rig.idempotency,
	    .traceparent = rig.traceparent,
	    .now_ms = rig.now_ms,
	    .fault = &rig.fault,
	};
}

__attribute__((unused)) static void
rig_key(const char *key, const char *fingerprint)
{
	rig.idempotency.key = key;
	(void)snprintf(
	    rig.idempotency.fingerprint, sizeof(rig.idempotency.fingerprint), "%s", fingerprint);
}

static struct pending_event
rig_event(const char *type)
{
	return (struct pending_event){
	    .id = new_id(),
	    .type = type,
	    .at_ms = rig.now_ms,
	    .body = span_of("{}", 2),
	};
}

/* Lists DRAFT of SELLER, made at MADE_MS; its id. */
static struct id
rig_list_item_of(const struct id *seller, const struct item_draft *draft, int64_t made_ms)
{
	const struct pending_event event = rig_event("item.created");
	const struct id id = new_id();
	struct item_index index;
	struct item item;

	item_make(draft, &id, seller, made_ms, &item);
	assert_err(ERR_OK, item_index_make(rig.arena, &item, &index));
	assert_err(ERR_OK,
	    item_store_insert(&rig.shop.items, &rig.deadline, &item, &index, NULL, NULL, &event));
	return id;
}

__attribute__((unused)) static struct id
rig_list_item(const struct item_draft *draft, int64_t made_ms)
{
	const struct id seller = new_id();

	return rig_list_item_of(&seller, draft, made_ms);
}

/* A lamp of 19.99 EUR. */
__attribute__((unused)) static struct id
rig_lamp_of(const struct id *seller, int64_t stock)
{
	const struct item_draft draft = {
	    .name = "Lamp",
	    .description = "",
	    .price = {1999, "EUR"},
	    .has_stock = true,
	    .stock = stock,
	};

	return rig_list_item_of(seller, &draft, rig.now_ms);
}

__attribute__((unused)) static struct id
rig_lamp(int64_t stock)
{
	const struct id seller = new_id();

	return rig_lamp_of(&seller, stock);
}

/* ITEM, one version after the one in the store, is written there. */
__attribute__((unused)) static void
rig_write_item(const struct item *item, const char *event)
{
	struct item_writing writing = {.item = item, .event_count = 1};
	struct item_index index;
	bool changed;

	writing.events[0] = rig_event(event);
	assert_err(ERR_OK, item_index_make(rig.arena, item, &index));
	writing.index = &index;
	assert_err(ERR_OK, item_store_change(&rig.shop.items, &rig.deadline, &writing, &changed));
	assert_true(changed);
}

static bson_t *
rig_find(mongoc_collection_t *collection, const struct id *id)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(id->text));
	bson_t *found = NULL;

	assert_err(ERR_OK, mongo_find_one(collection, &rig.deadline, filter, NULL, &found));
	assert_non_null(found);
	return found;
}

__attribute__((unused)) static int64_t
rig_stock(const struct id *item)
{
	auto_bson bson_t *found = rig_find(rig.shop.items.items, item);
	int64_t stock;

	assert_err(ERR_OK, mongo_get_int(found, "stock", &stock));
	return stock;
}

__attribute__((unused)) static uint32_t
rig_reservations(const struct id *item)
{
	auto_bson bson_t *found = rig_find(rig.shop.items.items, item);

	return mongo_array_count(found, "reservations");
}

/* Orders in STATUS, of any when NULL. */
__attribute__((unused)) static int64_t
rig_orders(const char *status)
{
	auto_bson bson_t *filter = bson_new();
	int64_t count;

	if (status != NULL)
		BCON_APPEND(filter, "status", BCON_UTF8(status));
	assert_err(
	    ERR_OK, mongo_count(rig.shop.orders.orders, &rig.deadline, filter, 10000, &count));
	return count;
}

#endif

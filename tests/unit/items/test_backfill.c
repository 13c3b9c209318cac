#include <pthread.h>

#include "tests/unit/items/buying.h"

#include "fcgi/items/backfill.h"

#define LAMPS 4
#define MANY  150 /* more than come at once */

static mongoc_collection_t *progress;
static struct id many[MANY];

static bool
forget_progress(void)
{
	auto_bson bson_t *all = bson_new();

	if (progress == NULL)
		progress = mongo_collection(&rig.mongo, BACKFILLS_COLLECTION);
	return mongoc_collection_delete_many(progress, all, NULL, NULL, NULL);
}

static int
start(void **state)
{
	return rig_empty(state) == 0 && forget_progress() ? 0 : -1;
}

static int
end(void **state)
{
	mongoc_collection_destroy(progress);
	return rig_end(state);
}

static void
update_all(mongoc_collection_t *collection, const bson_t *update)
{
	auto_bson bson_t *all = bson_new();

	assert_true(mongoc_collection_update_many(collection, all, update, NULL, NULL, NULL));
}

/* As the versions before left their documents. */
static void
age(void)
{
	auto_bson bson_t *items = BCON_NEW("$unset", "{", "name_key", BCON_UTF8(""), "words",
	    BCON_UTF8(""), "places", BCON_UTF8(""), "relay", BCON_UTF8(""), "}", "$set", "{",
	    "facets", "[", BCON_UTF8("*"), "]", "}");
	auto_bson bson_t *orders =
	    BCON_NEW("$unset", "{", "listed", BCON_UTF8(""), "sales", BCON_UTF8(""), "}");

	update_all(rig.shop.items.items, items);
	update_all(rig.shop.orders.orders, orders);
}

static enum err
backfill(void)
{
	return backfill_run(&rig.mongo, &rig.deadline);
}

/* Servers order the fields of a $set as they like. */
static void
assert_same_list(const bson_t *a, const bson_t *b, const char *name)
{
	struct mongo_array of_a, of_b;
	const char *text_a, *text_b;
	bool more;

	assert_int_equal(mongo_array_count(a, name), mongo_array_count(b, name));
	assert_true(mongo_array_count(a, name) > 0);
	assert_err(ERR_OK, mongo_array_begin(a, name, &of_a));
	assert_err(ERR_OK, mongo_array_begin(b, name, &of_b));
	for (more = mongo_array_next(&of_a); more; more = mongo_array_next(&of_a)) {
		assert_true(mongo_array_next(&of_b));
		assert_err(ERR_OK, mongo_array_text(&of_a, &text_a));
		assert_err(ERR_OK, mongo_array_text(&of_b, &text_b));
		assert_string_equal(text_a, text_b);
	}
}

static bson_t *
derived(mongoc_collection_t *collection, const struct id *id)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(id->text));
	auto_bson bson_t *fields =
	    BCON_NEW("name_key", BCON_INT32(1), "words", BCON_INT32(1), "places", BCON_INT32(1),
		"facets", BCON_INT32(1), "listed", BCON_INT32(1), "sales", BCON_INT32(1));
	bson_t *found = NULL;

	assert_err(ERR_OK, mongo_find_one(collection, &rig.deadline, filter, fields, &found));
	assert_non_null(found);
	return found;
}

static bool
has_places(const struct id *item)
{
	auto_bson bson_t *found = derived(rig.shop.items.items, item);

	return mongo_array_count(found, "places") > 0;
}

static void
test_old_documents_become_new_ones(void **state)
{
	const struct id lamp = rig_lamp(5);
	auto_bson bson_t *item_before = derived(rig.shop.items.items, &lamp);
	auto_bson bson_t *item_after = NULL;
	auto_bson bson_t *order_before = NULL;
	auto_bson bson_t *order_after = NULL;
	auto_bson bson_t *found = NULL;
	auto_bson bson_t *item = NULL;
	struct purchase_result result;
	struct id order;

	(void)state;
	assert_err(ERR_OK, buy(&lamp, 2, NULL, &result));
	order = only_order(&found);
	order_before = derived(rig.shop.orders.orders, &order);
	age();
	assert_err(ERR_OK, backfill());
	item_after = derived(rig.shop.items.items, &lamp);
	order_after = derived(rig.shop.orders.orders, &order);
	assert_same_list(item_before, item_after, "words");
	assert_same_list(item_before, item_after, "places");
	assert_true(mongo_has(item_after, "name_key"));
	assert_false(mongo_has(item_after, "facets"));
	assert_same_list(order_before, order_after, "sales");
	assert_true(mongo_has(order_after, "listed"));
	assert_int_equal(rig_stock(&lamp), 3);
	item = rig_find(rig.shop.items.items, &lamp);
	assert_true(mongo_has(item, "relay")); /* its event is due */
}

static void
test_a_walk_goes_on_where_it_was_killed(void **state)
{
	struct id lamps[LAMPS];
	auto_bson bson_t *note = NULL;
	char name[32];

	(void)state;
	for (size_t i = 0; i < LAMPS; i++)
		lamps[i] = rig_lamp(5);
	age();
	(void)snprintf(name, sizeof(name), "items.%d", BACKFILL_FORM);
	note = BCON_NEW(
	    "_id", BCON_UTF8(name), "after", BCON_UTF8(lamps[1].text), "done", BCON_BOOL(false));
	assert_err(ERR_OK, mongo_insert(progress, &rig.deadline, note));
	assert_err(ERR_OK, backfill());
	for (size_t i = 0; i < LAMPS; i++)
		assert_int_equal(has_places(&lamps[i]), i > 1);
	/* All is done: nothing is looked at again. */
	age();
	assert_err(ERR_OK, backfill());
	assert_false(has_places(&lamps[3]));
}

static void
test_what_cant_be_read_stops_it(void **state)
{
	const struct id lamp = rig_lamp(5);
	auto_bson bson_t *broken = BCON_NEW("$set", "{", "stock", BCON_UTF8("many"), "}");
	auto_bson bson_t *mended = BCON_NEW("$set", "{", "stock", BCON_INT64(5), "}");

	(void)state;
	age();
	update_all(rig.shop.items.items, broken);
	assert_err(ERR_CORRUPT, backfill());
	assert_false(has_places(&lamp));
	update_all(rig.shop.items.items, mended);
	assert_err(ERR_OK, backfill());
	assert_true(has_places(&lamp));
}

static void *
run_pod(void *result)
{
	struct mongo mongo;
	enum err err = mongo_open(rig.pool, &mongo);

	if (err == ERR_OK) {
		err = backfill_run(&mongo, &rig.deadline);
		mongo_close(&mongo);
	}
	*(enum err *)result = err;
	return NULL;
}

static void
test_every_pod_may_do_it_at_once(void **state)
{
	struct id lamps[LAMPS * 5];
	enum err results[3];
	pthread_t pods[3];

	(void)state;
	for (size_t i = 0; i < LAMPS * 5; i++)
		lamps[i] = rig_lamp(5);
	age();
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&pods[i], NULL, run_pod, &results[i]), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(pthread_join(pods[i], NULL), 0);
		assert_err(ERR_OK, results[i]);
	}
	for (size_t i = 0; i < LAMPS * 5; i++)
		assert_true(has_places(&lamps[i]));
}

/* How often the server was asked for documents, the rest of those it began to give apart. */
static int64_t
looks(void)
{
	auto_bson bson_t *command = BCON_NEW("serverStatus", BCON_INT32(1));
	bson_error_t error;
	bson_t reply;
	bson_t counters;
	int64_t count;

	assert_true(
	    mongoc_client_command_simple(rig.mongo.client, "admin", command, NULL, &reply, &error));
	assert_err(ERR_OK, mongo_get_document(&reply, "opcounters", &counters));
	assert_err(ERR_OK, mongo_get_int(&counters, "query", &count));
	bson_destroy(&reply);
	return count;
}

static int
start_with_many(void **state)
{
	if (start(state) != 0)
		return -1;
	for (size_t i = 0; i < MANY; i++)
		many[i] = rig_lamp(5);
	age();
	return 0;
}

static void
test_many_documents_are_looked_for_once(void **state)
{
	int64_t before = looks();

	(void)state;
	assert_err(ERR_OK, backfill());
	/* For each kind: how far it came, and all there are. */
	assert_int_equal(looks() - before, 4);
	assert_true(has_places(&many[0]));
	assert_true(has_places(&many[MANY - 1]));
}

/* Of the same many. */
static void
test_a_walk_outlives_its_server(void **state)
{
	pthread_t pod;
	enum err result;

	(void)state;
	assert_true(forget_progress());
	age();
	assert_int_equal(pthread_create(&pod, NULL, run_pod, &result), 0);
	while (!has_places(&many[0]))
		continue;
	assert_int_equal(mongodb_do(&rig.server, "stop"), 0);
	assert_int_equal(mongodb_do(&rig.server, "start"), 0);
	assert_int_equal(pthread_join(pod, NULL), 0);
	assert_err(ERR_OK, result);
	for (size_t i = 0; i < MANY; i++)
		assert_true(has_places(&many[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_old_documents_become_new_ones, start),
	    cmocka_unit_test_setup(test_a_walk_goes_on_where_it_was_killed, start),
	    cmocka_unit_test_setup(test_what_cant_be_read_stops_it, start),
	    cmocka_unit_test_setup(test_every_pod_may_do_it_at_once, start),
	    cmocka_unit_test_setup(test_many_documents_are_looked_for_once, start_with_many),
	    cmocka_unit_test(test_a_walk_outlives_its_server),
	};

	return cmocka_run_group_tests_name("items/backfill", tests, rig_start, end);
}

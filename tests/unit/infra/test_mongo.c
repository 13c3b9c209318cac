#include <string.h>

#include "tests/unit/infra/mongodb.h"
#include "tests/unit/unit.h"

#include "shared/base/log.h"
#include "shared/infra/mongo.h"
#include "shared/infra/mongo_index.h"
#include "shared/infra/mongo_ops.h"
#include "shared/infra/mongo_read.h"

#define TIMEOUT_MS 6000

static struct mongodb server;
static struct mongo_pool *pool;
static struct mongo mongo;
static mongoc_collection_t *things;

static int
start(void **state)
{
	(void)state;
	if (mongodb_new(&server) != 0 ||
	    mongo_pool_new(server.uri, "test", TIMEOUT_MS, "test", &pool) != ERR_OK ||
	    mongo_open(pool, &mongo) != ERR_OK)
		return -1;
	things = mongo_collection(&mongo, "things");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	mongoc_collection_destroy(things);
	mongo_close(&mongo);
	mongo_close(&mongo);
	mongo_pool_free(&pool);
	mongo_pool_free(&pool);
	return mongodb_remove(&server);
}

static struct deadline
patience(void)
{
	return deadline_in(&clock_system, 30000);
}

static enum err
insert(const char *id, int64_t number)
{
	const struct deadline deadline = patience();
	auto_bson bson_t *document = BCON_NEW("_id", BCON_UTF8(id), "number", BCON_INT64(number));

	return mongo_insert(things, &deadline, document);
}

static int64_t
number_of(const char *id)
{
	const struct deadline deadline = patience();
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(id));
	auto_bson bson_t *found = NULL;
	int64_t number = -1;

	assert_err(ERR_OK, mongo_find_one(things, &deadline, filter, NULL, &found));
	if (found != NULL)
		assert_err(ERR_OK, mongo_get_int(found, "number", &number));
	return number;
}

static int
empty(void **state)
{
	(void)state;
	return mongoc_collection_delete_many(things, &(bson_t)BSON_INITIALIZER, NULL, NULL, NULL)
	    ? 0
	    : -1;
}

static void
test_bad_uris_are_refused(void **state)
{
	static const char *const bad[] = {"", "http://127.0.0.1/", "mongodb://", "mongodb://a:b:c/",
	    "mongodb://127.0.0.1/?ssl=maybe&tls=perhaps=", "127.0.0.1:27017"};
	struct mongo_pool *other = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_err(ERR_CONFIG, mongo_pool_new(bad[i], "test", 1000, "test", &other));
	assert_null(other);
}

static void
test_time_left_is_what_the_deadline_leaves(void **state)
{
	struct deadline past = deadline_in(&clock_system, 0);
	struct deadline soon = deadline_in(&clock_system, 5000);
	int64_t ms = 77;

	(void)state;
	assert_err(ERR_DEADLINE, mongo_time_left(&past, &ms));
	assert_int_equal(ms, 77);
	assert_err(ERR_OK, mongo_time_left(&soon, &ms));
	assert_in_range(ms, 1, 5000);
}

static void
test_nothing_begins_after_the_deadline(void **state)
{
	const struct deadline past = deadline_in(&clock_system, 0);
	auto_bson bson_t *filter = BCON_NEW("_id", "a");
	auto_bson bson_t *update = BCON_NEW("$inc", "{", "number", BCON_INT64(1), "}");
	bson_t *found = NULL;
	bool matched = false;
	int64_t count = 0;

	(void)state;
	assert_err(ERR_OK, insert("a", 1));
	assert_err(ERR_DEADLINE, mongo_insert(things, &past, filter));
	assert_err(ERR_DEADLINE, mongo_find_one(things, &past, filter, NULL, &found));
	assert_err(ERR_DEADLINE, mongo_update_one(things, &past, filter, update, &matched));
	assert_err(
	    ERR_DEADLINE, mongo_update_many(things, &past, MONGO_FAST, filter, update, &count));
	assert_err(ERR_DEADLINE, mongo_delete_one(things, &past, filter, &matched));
	assert_err(ERR_DEADLINE, mongo_delete_many(things, &past, MONGO_FAST, filter));
	assert_err(ERR_DEADLINE, mongo_count(things, &past, filter, 10, &count));
	assert_err(ERR_DEADLINE, mongo_ping(&mongo, &past));
	assert_int_equal(number_of("a"), 1);
}

static void
test_a_second_of_the_same_id_conflicts(void **state)
{
	(void)state;
	assert_err(ERR_OK, insert("a", 1));
	assert_err(ERR_CONFLICT, insert("a", 2));
	assert_int_equal(number_of("a"), 1);
}

static void
test_find_and_modify_gives_the_new_document(void **state)
{
	const struct deadline deadline = patience();
	auto_bson bson_t *filter = BCON_NEW("_id", "a", "number", "{", "$gte", BCON_INT64(1), "}");
	auto_bson bson_t *update = BCON_NEW("$inc", "{", "number", BCON_INT64(-1), "}");
	auto_bson bson_t *after = NULL;
	bson_t *none = update; /* anything but NULL */
	int64_t number;

	(void)state;
	assert_err(ERR_OK, insert("a", 1));
	assert_err(ERR_OK, mongo_find_and_modify(things, &deadline, filter, update, NULL, &after));
	assert_non_null(after);
	assert_err(ERR_OK, mongo_get_int(after, "number", &number));
	assert_int_equal(number, 0);
	assert_err(ERR_OK, mongo_find_and_modify(things, &deadline, filter, update, NULL, &none));
	assert_null(none);
	assert_int_equal(number_of("a"), 0);
}

static void
test_updates_and_deletes_say_whether_they_matched(void **state)
{
	const struct deadline deadline = patience();
	auto_bson bson_t *a = BCON_NEW("_id", "a");
	auto_bson bson_t *b = BCON_NEW("_id", "b");
	auto_bson bson_t *all = bson_new();
	auto_bson bson_t *update = BCON_NEW("$set", "{", "number", BCON_INT64(5), "}");
	int64_t count;
	bool yes;

	(void)state;
	assert_err(ERR_OK, insert("a", 1));
	assert_err(ERR_OK, insert("c", 5));
	assert_err(ERR_OK, mongo_update_one(things, &deadline, a, update, &yes));
	assert_true(yes);
	assert_err(ERR_OK, mongo_update_one(things, &deadline, b, update, &yes));
	assert_false(yes);
	assert_int_equal(number_of("b"), -1);
	/* One that is as wanted already counts as matched. */
	assert_err(ERR_OK, mongo_update_one(things, &deadline, a, update, &yes));
	assert_true(yes);
	assert_err(ERR_OK, mongo_update_many(things, &deadline, MONGO_FAST, all, update, &count));
	assert_int_equal(count, 2);
	assert_err(ERR_OK, mongo_update_many(things, &deadline, MONGO_MAJORITY, b, update, &count));
	assert_int_equal(count, 0);
	assert_err(ERR_OK, mongo_delete_one(things, &deadline, a, &yes));
	assert_true(yes);
	assert_err(ERR_OK, mongo_delete_one(things, &deadline, a, &yes));
	assert_false(yes);
	assert_err(ERR_OK, mongo_delete_many(things, &deadline, MONGO_FAST, all));
	assert_int_equal(number_of("c"), -1);
}

struct seen {
	char ids[8];
	size_t count, stop_at;
	enum err err;
};

static enum err
see(void *context, const bson_t *document, bool *stop)
{
	struct seen *seen = context;
	const char *id;

	TRY(mongo_get_text(document, "_id", &id));
	seen->ids[seen->count++] = id[0];
	*stop = seen->count == seen->stop_at;
	return seen->err;
}

static void
test_walks_go_in_order_and_can_be_ended(void **state)
{
	const struct deadline deadline = patience();
	auto_bson bson_t *all = bson_new();
	auto_bson bson_t *sort = BCON_NEW("number", BCON_INT32(-1));
	struct mongo_find find = {.filter = all, .sort = sort, .limit = 3};
	struct seen whole = {.count = 0};
	struct seen ended = {.stop_at = 2};
	struct seen broken = {.err = ERR_CORRUPT};
	int64_t count;

	(void)state;
	assert_err(ERR_OK, insert("a", 1));
	assert_err(ERR_OK, insert("b", 4));
	assert_err(ERR_OK, insert("c", 2));
	assert_err(ERR_OK, insert("d", 3));
	assert_err(ERR_OK, mongo_find_each(things, &deadline, &find, see, &whole));
	assert_string_equal(whole.ids, "bdc");
	assert_err(ERR_OK, mongo_find_each(things, &deadline, &find, see, &ended));
	assert_string_equal(ended.ids, "bd");
	assert_err(ERR_CORRUPT, mongo_find_each(things, &deadline, &find, see, &broken));
	assert_int_equal(broken.count, 1);
	assert_err(ERR_OK, mongo_count(things, &deadline, all, 100, &count));
	assert_int_equal(count, 4);
	assert_err(ERR_OK, mongo_count(things, &deadline, all, 2, &count));
	assert_int_equal(count, 2);
}

static void
test_what_the_server_refuses_is_internal(void **state)
{
	const struct deadline deadline = patience();
	auto_bson bson_t *filter = BCON_NEW("$nonsense", BCON_INT32(1));
	bson_t *found = NULL;

	(void)state;
	assert_err(ERR_INTERNAL, mongo_find_one(things, &deadline, filter, NULL, &found));
	assert_null(found);
}

static void
test_an_index_is_made_once_and_never_changed(void **state)
{
	auto_bson bson_t *keys = BCON_NEW("number", BCON_INT32(1));
	auto_bson bson_t *other = BCON_NEW("letter", BCON_INT32(1));
	auto_bson bson_t *unique = BCON_NEW("unique", BCON_BOOL(true));
	struct mongo_index index = {.name = "by_number", .keys = keys, .options = unique};

	(void)state;
	assert_err(ERR_OK, mongo_create_index(&mongo, "indexed", &index));
	assert_err(ERR_OK, mongo_create_index(&mongo, "indexed", &index));
	index.keys = other;
	assert_err(ERR_CONFIG, mongo_create_index(&mongo, "indexed", &index));
}

static void
test_reading_checks_types(void **state)
{
	auto_bson bson_t *document = BCON_NEW("text", "x", "number", BCON_INT32(5), "fraction",
	    BCON_DOUBLE(1.5), "null", BCON_NULL, "list", "[", "a", BCON_INT32(1), "]", "price", "{",
	    "amount", BCON_INT64(199), "currency", "EURO", "}", "at", BCON_DATE_TIME(7));
	struct mongo_array array;
	struct money money;
	const char *text = "kept";
	int64_t number = 42;
	struct id id;

	(void)state;
	assert_err(ERR_CORRUPT, mongo_get_text(document, "number", &text));
	assert_err(ERR_CORRUPT, mongo_get_text(document, "missing", &text));
	assert_string_equal(text, "kept");
	assert_err(ERR_CORRUPT, mongo_get_int(document, "fraction", &number));
	assert_err(ERR_CORRUPT, mongo_get_int(document, "text", &number));
	assert_err(ERR_CORRUPT, mongo_get_time(document, "number", &number));
	assert_int_equal(number, 42);
	assert_err(ERR_OK, mongo_get_int(document, "number", &number));
	assert_int_equal(number, 5);
	assert_err(ERR_OK, mongo_get_time(document, "at", &number));
	assert_int_equal(number, 7);
	assert_err(ERR_CORRUPT, mongo_get_id(document, "text", &id));
	assert_err(ERR_CORRUPT, mongo_get_money(document, "price", &money));
	assert_false(mongo_has(document, "null"));
	assert_false(mongo_has(document, "missing"));
	assert_true(mongo_has(document, "text"));
	assert_err(ERR_CORRUPT, mongo_array_begin(document, "text", &array));
	assert_err(ERR_OK, mongo_array_begin(document, "missing", &array));
	assert_false(mongo_array_next(&array));
	assert_int_equal(mongo_array_count(document, "list"), 2);
	assert_err(ERR_OK, mongo_array_begin(document, "list", &array));
	assert_true(mongo_array_next(&array));
	assert_err(ERR_OK, mongo_array_text(&array, &text));
	assert_string_equal(text, "a");
	assert_true(mongo_array_next(&array));
	assert_err(ERR_CORRUPT, mongo_array_text(&array, &text));
}

static void
test_errors_have_their_meaning(void **state)
{
	static const struct {
		uint32_t domain, code;
		enum err meaning;
	} cases[] = {
	    {MONGOC_ERROR_SERVER, 11000, ERR_CONFLICT},
	    {MONGOC_ERROR_SERVER, 112, ERR_BUSY},
	    {MONGOC_ERROR_SERVER, 50, ERR_DEADLINE},
	    {MONGOC_ERROR_SERVER, 91, ERR_UNAVAILABLE},
	    {MONGOC_ERROR_SERVER, 10107, ERR_UNAVAILABLE},
	    {MONGOC_ERROR_SERVER, 9, ERR_INTERNAL},
	    {MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_SOCKET, ERR_UNAVAILABLE},
	    {MONGOC_ERROR_SERVER_SELECTION, MONGOC_ERROR_SERVER_SELECTION_FAILURE, ERR_UNAVAILABLE},
	    {MONGOC_ERROR_CLIENT, MONGOC_ERROR_CLIENT_AUTHENTICATE, ERR_UNAVAILABLE},
	    /* It may have been written, whatever the concern's error was. */
	    {MONGOC_ERROR_WRITE_CONCERN, 64, ERR_DEADLINE},
	    {MONGOC_ERROR_WRITE_CONCERN, 112, ERR_DEADLINE},
	    {MONGOC_ERROR_WRITE_CONCERN, 100, ERR_UNAVAILABLE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bson_error_t error = {.domain = cases[i].domain, .code = cases[i].code};

		assert_err(cases[i].meaning, mongo_error(&error, NULL, "test"));
	}
}

/* Within the time that the pool was made for, however much more a caller has. */
static void
test_a_server_that_falls_silent_is_given_up(void **state)
{
	const struct deadline patient = patience();
	auto_bson bson_t *document = BCON_NEW("_id", "silent", "number", BCON_INT64(9));

	(void)state;
	assert_err(ERR_OK, insert("a", 1));
	assert_int_equal(mongodb_do(&server, "pause"), 0);
	assert_err(ERR_UNAVAILABLE, mongo_insert(things, &patient, document));
	assert_int_equal(mongodb_do(&server, "resume"), 0);
	assert_true(deadline_left_ms(&patient) > 0);
}

/* Last, as it ends the server: an outage is told by the deadline, and the client comes back. */
static void
test_an_outage_ends(void **state)
{
	const struct deadline deadline = patience();
	auto_bson bson_t *document = BCON_NEW("_id", "later", "number", BCON_INT64(9));
	enum err err;

	(void)state;
	assert_int_equal(mongodb_do(&server, "stop"), 0);
	assert_err(ERR_UNAVAILABLE, mongo_insert(things, &deadline, document));
	assert_err(ERR_UNAVAILABLE, mongo_ping(&mongo, &deadline));
	assert_int_equal(mongodb_do(&server, "start"), 0);
	do
		err = mongo_ping(&mongo, &deadline);
	while (err == ERR_UNAVAILABLE && deadline_left_ms(&deadline) > 0);
	assert_err(ERR_OK, err);
	assert_err(ERR_OK, insert("later", 9));
	assert_int_equal(number_of("later"), 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bad_uris_are_refused),
	    cmocka_unit_test(test_time_left_is_what_the_deadline_leaves),
	    cmocka_unit_test_setup(test_nothing_begins_after_the_deadline, empty),
	    cmocka_unit_test_setup(test_a_second_of_the_same_id_conflicts, empty),
	    cmocka_unit_test_setup(test_find_and_modify_gives_the_new_document, empty),
	    cmocka_unit_test_setup(test_updates_and_deletes_say_whether_they_matched, empty),
	    cmocka_unit_test_setup(test_walks_go_in_order_and_can_be_ended, empty),
	    cmocka_unit_test(test_what_the_server_refuses_is_internal),
	    cmocka_unit_test(test_an_index_is_made_once_and_never_changed),
	    cmocka_unit_test(test_reading_checks_types),
	    cmocka_unit_test(test_errors_have_their_meaning),
	    cmocka_unit_test_setup(test_a_server_that_falls_silent_is_given_up, empty),
	    cmocka_unit_test(test_an_outage_ends),
	};

	log_init("test", LOG_ERROR + 1, 2);
	return cmocka_run_group_tests(tests, start, end);
}

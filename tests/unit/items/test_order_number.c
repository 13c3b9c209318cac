#include <stdlib.h>

#include "tests/unit/items/buying.h"

#include "fcgi/items/number_store.h"

#define SOME 20000

static const uint8_t key[ORDER_NUMBER_KEY_BYTES] = {1, 2, 3};
static const uint8_t other_key[ORDER_NUMBER_KEY_BYTES] = {1, 2, 4};

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
assert_no_two_alike(char (*numbers)[ORDER_NUMBER_SIZE], size_t count)
{
	qsort(numbers, count, sizeof(*numbers), compare);
	for (size_t i = 1; i < count; i++)
		assert_string_not_equal(numbers[i - 1], numbers[i]);
}

static void
test_numbers_can_be_read_aloud(void **state)
{
	static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	static char numbers[SOME][ORDER_NUMBER_SIZE];
	bool seen[256] = {false};

	(void)state;
	for (size_t i = 0; i < SOME; i++) {
		order_number_make(key, (int64_t)i, numbers[i]);
		assert_int_equal(strlen(numbers[i]), 9);
		assert_int_equal(numbers[i][4], '-');
		for (size_t at = 0; at < 9; at++)
			seen[(unsigned char)numbers[i][at]] = true;
	}
	for (size_t c = 1; c < 256; c++)
		assert_int_equal(seen[c], c == '-' || strchr(alphabet, (int)c) != NULL);
	assert_no_two_alike(numbers, SOME);
}

/* One after the other, they have no more letters in common than chance gives them, and another
 * shop's are others. */
static void
test_numbers_cannot_be_guessed(void **state)
{
	char before[ORDER_NUMBER_SIZE];
	char number[ORDER_NUMBER_SIZE];
	char other[ORDER_NUMBER_SIZE];
	int alike = 0;

	(void)state;
	order_number_make(key, 0, before);
	for (int64_t place = 1; place <= 4000; place++) {
		order_number_make(key, place, number);
		order_number_make(other_key, place, other);
		assert_string_not_equal(number, other);
		for (size_t at = 0; at < 9; at++)
			alike += at != 4 && number[at] == before[at];
		memcpy(before, number, sizeof(before));
	}
	/* 8 letters of 32: one in 4 numbers has one in common; 1000 of 4000, give or take six
	 * times 31. */
	assert_in_range(alike, 800, 1200);
	order_number_make(key, ORDER_NUMBER_COUNT - 1, number);
	assert_int_equal(strlen(number), 9);
}

/* Two workers, and a third that comes after one ended, never take the same. */
static void
test_workers_take_numbers_of_their_own(void **state)
{
	static char numbers[600][ORDER_NUMBER_SIZE];
	struct number_store stores[3];
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		number_store_init(&rig.mongo, &stores[i]);
	for (; count < 400; count++)
		assert_err(
		    ERR_OK, number_store_take(&stores[count % 2], &rig.deadline, numbers[count]));
	number_store_fini(&stores[0]);
	for (; count < 600; count++)
		assert_err(ERR_OK,
		    number_store_take(&stores[1 + count % 2], &rig.deadline, numbers[count]));
	assert_no_two_alike(numbers, 600);
	for (size_t i = 0; i < 3; i++)
		number_store_fini(&stores[i]);
}

static void
set_next(int64_t next)
{
	auto_bson bson_t *filter = BCON_NEW("_id", "order_number");
	auto_bson bson_t *update = BCON_NEW("$set", "{", "next", BCON_INT64(next), "}");
	bool matched;

	assert_err(ERR_OK,
	    mongo_update_one(rig.shop.numbers.counters, &rig.deadline, filter, update, &matched));
	assert_true(matched);
}

static void
test_the_last_number(void **state)
{
	struct number_store store;
	char number[ORDER_NUMBER_SIZE];

	(void)state;
	number_store_init(&rig.mongo, &store);
	assert_err(ERR_OK, number_store_take(&store, &rig.deadline, number));
	set_next(ORDER_NUMBER_COUNT - 64);
	store.next = store.end;
	for (int i = 0; i < 64; i++)
		assert_err(ERR_OK, number_store_take(&store, &rig.deadline, number));
	assert_err(ERR_INTERNAL, number_store_take(&store, &rig.deadline, number));
	set_next(0);
	number_store_fini(&store);
}

/* What is unique among orders is so for one buyer: a collection sharded by buyer can keep it. */
static void
test_no_index_forbids_sharding_by_buyer(void **state)
{
	mongoc_cursor_t *cursor =
	    mongoc_collection_find_indexes_with_opts(rig.shop.orders.orders, NULL);
	const bson_t *index;
	int count = 0;

	(void)state;
	while (mongoc_cursor_next(cursor, &index)) {
		bson_iter_t field;
		bson_t keys;

		count++;
		if (!bson_iter_init_find(&field, index, "unique") || !bson_iter_as_bool(&field))
			continue;
		assert_err(ERR_OK, mongo_get_document(index, "key", &keys));
		assert_true(bson_iter_init(&field, &keys) && bson_iter_next(&field));
		if (strcmp(bson_iter_key(&field), "_id") != 0)
			assert_string_equal(bson_iter_key(&field), "buyer_id");
	}
	assert_true(count > 5);
	mongoc_cursor_destroy(cursor);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_numbers_can_be_read_aloud),
	    cmocka_unit_test(test_numbers_cannot_be_guessed),
	    cmocka_unit_test_setup(test_workers_take_numbers_of_their_own, rig_empty),
	    cmocka_unit_test_setup(test_the_last_number, rig_empty),
	    cmocka_unit_test_setup(test_no_index_forbids_sharding_by_buyer, rig_empty),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

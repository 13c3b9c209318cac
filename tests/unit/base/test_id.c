#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "shared/base/id.h"

/* Each test takes a later time than those before it, as the counter never goes back. */
#define NOW_MS INT64_C(1800000000000)

static int64_t
time_of(const struct id *id)
{
	char digits[13];

	memcpy(digits, id->text, 8);
	memcpy(digits + 8, id->text + 9, 4);
	digits[12] = '\0';
	return (int64_t)strtoll(digits, NULL, 16);
}

static void
an_id_is_a_uuid_of_version_7(void **state)
{
	struct id parsed;
	struct id id;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		id_new(NOW_MS, &id);
		assert_int_equal(strlen(id.text), ID_LEN);
		assert_int_equal(id.text[14], '7');
		assert_non_null(strchr("89ab", id.text[19]));
		assert_err(ERR_OK, id_parse(id.text, &parsed));
		assert_true(id_equal(&id, &parsed));
	}
}

static void
it_holds_the_time_it_was_made_at(void **state)
{
	struct id id;

	(void)state;
	id_new(NOW_MS + 1000, &id);
	assert_int_equal(time_of(&id), NOW_MS + 1000);
}

/* 4096 ids fill a millisecond; what comes after borrows from the next. */
static void
ids_rise_within_one_millisecond(void **state)
{
	struct id before;
	struct id id;

	(void)state;
	id_new(NOW_MS + 2000, &before);
	for (int i = 0; i < 20000; i++) {
		id_new(NOW_MS + 2000, &id);
		assert_true(strcmp(before.text, id.text) < 0);
		before = id;
	}
	assert_true(time_of(&id) - (NOW_MS + 2000) < 10);
}

static void
ids_rise_through_a_clock_set_back(void **state)
{
	struct id before;
	struct id id;

	(void)state;
	id_new(NOW_MS + 3000, &before);
	id_new(NOW_MS + 1, &id);
	assert_true(strcmp(before.text, id.text) < 0);
	assert_int_equal(time_of(&id), NOW_MS + 3000);
	id_new(-1, &before);
	assert_true(strcmp(id.text, before.text) < 0);
}

#define THREADS  4
#define IDS_EACH 5000

static void *
make_ids(void *out)
{
	struct id *ids = out;

	for (int i = 0; i < IDS_EACH; i++)
		id_new(NOW_MS + 4000 + i / 100, &ids[i]);
	return NULL;
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct id *)a)->text, ((const struct id *)b)->text);
}

static void
threads_make_rising_ids_and_no_stamp_twice(void **state)
{
	struct id *ids = calloc(THREADS * IDS_EACH, sizeof(*ids));
	pthread_t threads[THREADS];

	(void)state;
	assert_non_null(ids);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, make_ids, ids + i * IDS_EACH), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (size_t i = 0; i < THREADS; i++)
		for (size_t j = 1; j < IDS_EACH; j++)
			assert_true(
			    compare_ids(&ids[i * IDS_EACH + j - 1], &ids[i * IDS_EACH + j]) < 0);
	qsort(ids, THREADS * IDS_EACH, sizeof(*ids), compare_ids);
	/* Time and counter, the first 18 characters, are one rising number for all threads. */
	for (size_t i = 1; i < THREADS * IDS_EACH; i++)
		assert_true(strncmp(ids[i - 1].text, ids[i].text, 18) < 0);
	free(ids);
}

static void
the_random_part_is_new_in_each(void **state)
{
	struct id ids[200];

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		id_new(NOW_MS + 5000, &ids[i]);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(ids[i].text + 19, ids[j].text + 19);
	}
}

static void
any_uuid_is_parsed_and_lowered(void **state)
{
	struct id id;

	(void)state;
	assert_err(ERR_OK, id_parse("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", &id));
	assert_string_equal(id.text, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
	assert_err(ERR_OK, id_parse("00000000-0000-0000-0000-000000000000", &id));
}

static void
what_is_no_uuid_is_malformed(void **state)
{
	static const char *const cases[] = {
	    "",
	    "f81d4fae",
	    "f81d4fae-7dec-11d0-a765-00a0c91e6bf",
	    "f81d4fae-7dec-11d0-a765-00a0c91e6bf60",
	    "f81d4fae-7dec-11d0-a765-00a0c91e6bf6 ",
	    "f81d4fae-7dec-11d0-a765-00a0c91e6bfg",
	    "f81d4fae07dec-11d0-a765-00a0c91e6bf6",
	    "f81d4fa--7dec-11d0-a765-00a0c91e6bf6",
	    "f81d4fae7dec11d0a76500a0c91e6bf6",
	    "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}",
	    "../../../../../../../../../../etc/ab",
	};
	struct id id = {"untouched"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_err(ERR_MALFORMED, id_parse(cases[i], &id));
	assert_string_equal(id.text, "untouched");
}

static void
random_bytes_fill_all_they_are_asked_for(void **state)
{
	unsigned char bytes[1000] = {0};
	unsigned zeros = 0;

	(void)state;
	random_bytes(bytes, sizeof(bytes) - 1);
	for (size_t i = 0; i < sizeof(bytes) - 1; i++)
		zeros += bytes[i] == 0;
	assert_in_range(zeros, 0, 50); /* four are to be expected */
	assert_int_equal(bytes[sizeof(bytes) - 1], 0);
	random_bytes(bytes, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_id_is_a_uuid_of_version_7),
	    cmocka_unit_test(it_holds_the_time_it_was_made_at),
	    cmocka_unit_test(ids_rise_within_one_millisecond),
	    cmocka_unit_test(ids_rise_through_a_clock_set_back),
	    cmocka_unit_test(threads_make_rising_ids_and_no_stamp_twice),
	    cmocka_unit_test(the_random_part_is_new_in_each),
	    cmocka_unit_test(any_uuid_is_parsed_and_lowered),
	    cmocka_unit_test(what_is_no_uuid_is_malformed),
	    cmocka_unit_test(random_bytes_fill_all_they_are_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

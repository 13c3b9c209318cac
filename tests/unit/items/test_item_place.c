#include <string.h>

#include "tests/unit/arena_rig.h"

#include "fcgi/items/item_place.h"
#include "shared/base/str.h"

#define PLACES 400

/* Few numbers and names, so that many are alike but for the id. */
static struct page_key
place(size_t i)
{
	static const char *const names[] = {"a", "a b", "ab", "", "\xc3\xa9", "zzz", "a-", "a0"};
	struct page_key at = {.number = (int64_t)(i * 7919 % 5), .text = names[i % 8]};

	if (i % 7 == 0)
		at.number = INT64_C(1000000000000) - (int64_t)(i % 3);
	id_new(1000 + (int64_t)i % 3, &at.id);
	return at;
}

static int
sign(int number)
{
	return (number > 0) - (number < 0);
}

/* Texts sort as what they stand for does, and are between the ends of their list. */
static void
test_texts_sort_as_places(void **state)
{
	struct page_key places[PLACES];
	const char *texts[PLACES];

	(void)state;
	for (int order = ITEM_BY_AGE; order <= ITEM_BY_NAME; order++) {
		const char *first = item_place_end(arena, (enum item_order)order, 2, "c:b", false);
		const char *last = item_place_end(arena, (enum item_order)order, 2, "c:b", true);

		for (size_t i = 0; i < PLACES; i++) {
			places[i] = place(i);
			if (order != ITEM_BY_NAME)
				places[i].text = NULL;
			texts[i] =
			    item_place_text(arena, (enum item_order)order, 2, "c:b", &places[i]);
			assert_true(strcmp(first, texts[i]) < 0 && strcmp(texts[i], last) < 0);
		}
		for (size_t i = 0; i < PLACES; i++)
			for (size_t j = 0; j < PLACES; j++)
				assert_int_equal(sign(strcmp(texts[i], texts[j])),
				    sign(item_place_compare(&places[i], &places[j])));
	}
}

/* No list begins within another: not that of a longer key, nor of another level or order. */
static void
test_lists_are_apart(void **state)
{
	static const char *const keys[] = {"c:b", "c:ba", "c:b-a", "c:", "*", "p:\xc3\xa9"};
	const struct page_key at = {.number = 5, .text = "name"};
	const char *first = item_place_end(arena, ITEM_BY_AGE, 0, "c:b", false);
	const char *last = item_place_end(arena, ITEM_BY_AGE, 0, "c:b", true);

	(void)state;
	for (int order = ITEM_BY_AGE; order <= ITEM_BY_NAME; order++)
		for (unsigned level = 0; level < ITEM_LEVELS; level++)
			for (size_t i = 0; i < 6; i++) {
				const char *text = item_place_text(
				    arena, (enum item_order)order, level, keys[i], &at);

				assert_int_equal(strcmp(first, text) < 0 && strcmp(text, last) < 0,
				    order == ITEM_BY_AGE && level == 0 && i == 0);
			}
}

static void
test_levels(void **state)
{
	static const struct {
		const char *id;
		unsigned level;
	} cases[] = {
	    {"018bcfe5-6800-7abc-8def-0123456789ab", 0},
	    {"018bcfe5-6800-7abc-8def-0123456789a0", 1},
	    {"018bcfe5-6800-7abc-8def-012345678900", 2},
	    {"018bcfe5-6800-7abc-8def-012345670000", ITEM_LEVELS - 1},
	    {"018bcfe5-6800-7abc-8def-000000000000", ITEM_LEVELS - 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct id id;

		assert_int_equal(id_parse(cases[i].id, &id), ERR_OK);
		assert_int_equal(item_place_level(&id), cases[i].level);
	}
}

/* Under facets in every order, under words by age and price, in each of its levels. */
static void
test_places_of_an_item(void **state)
{
	const char *texts[] = {"*", "m:EUR", "p:lam"};
	const struct key_list keys = {.list = texts, .count = 3};
	struct item item = {.created_at_ms = 1000, .price = {.amount_minor = 1999}};
	struct key_list places;

	(void)state;
	assert_int_equal(id_parse("018bcfe5-6800-7abc-8def-012345678900", &item.id), ERR_OK);
	assert_int_equal(item_places_of(arena, &item, "lamp", &keys, 2, &places), ERR_OK);
	assert_int_equal(places.count, 3 * (3 + 3 + 2));
	assert_string_equal(places.list[2],
	    "n0p:lam\x01"
	    "0000000003e8018bcfe5-6800-7abc-8def-012345678900");
	assert_string_equal(places.list[18],
	    "a0*\x01lamp\x01"
	    "018bcfe5-6800-7abc-8def-012345678900");
	assert_true(str_starts_with(places.list[23], "a2m:EUR\x01"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_texts_sort_as_places),
	    cmocka_unit_test(test_lists_are_apart),
	    cmocka_unit_test(test_levels),
	    cmocka_unit_test(test_places_of_an_item),
	};

	return cmocka_run_group_tests_name("items/item_place", tests, arena_start, arena_end);
}

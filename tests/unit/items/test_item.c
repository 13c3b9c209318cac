#include <string.h>

#include "tests/unit/arena_rig.h"

#include "fcgi/items/item.h"
#include "fcgi/items/words.h"

static const struct id seller = {"018f0000-0000-7000-8000-000000000001"};
static const struct id other = {"018f0000-0000-7000-8000-000000000002"};
static const struct id some = {"018f0000-0000-7000-8000-000000000003"};

static struct item
make(void)
{
	const struct item_draft draft = {
	    .name = "Lamp",
	    .description = "",
	    .price = {1999, "EUR"},
	    .has_stock = true,
	    .stock = 7,
	};
	struct item item;

	item_make(&draft, &some, &seller, 1000, &item);
	return item;
}

static void
test_a_new_item(void **state)
{
	struct item item = make();
	char etag[ITEM_ETAG_SIZE];

	(void)state;
	assert_int_equal(item.version, 1);
	assert_int_equal(item.status, ITEM_ACTIVE);
	assert_int_equal(item.created_at_ms, 1000);
	assert_int_equal(item.updated_at_ms, 1000);
	item_etag(&item, etag);
	assert_string_equal(etag, "\"1\"");
}

static void
test_a_replacement_keeps_what_is_the_shops(void **state)
{
	const struct item_draft draft = {.name = "Shade", .description = "d", .price = {5, "JPY"}};
	struct item item = make();
	struct item next;

	(void)state;
	item.category = "lamps";
	item_replace(&item, &draft, 2000, &next);
	assert_string_equal(next.name, "Shade");
	assert_int_equal(next.stock, 7); /* left out: it stays */
	assert_null(next.category);      /* left out: it goes */
	assert_int_equal(next.version, 2);
	assert_int_equal(next.created_at_ms, 1000);
	assert_int_equal(next.updated_at_ms, 2000);
	assert_true(id_equal(&next.id, &some));
	assert_true(id_equal(&next.seller_id, &seller));
	/* Another pod's clock may be behind. */
	item_replace(&next, &draft, 1500, &item);
	assert_int_equal(item.updated_at_ms, 2000);
}

static void
test_who_may_edit(void **state)
{
	struct principal principal = {.user_id = seller, .roles = ROLE_CUSTOMER};
	struct item item = make();
	struct fault fault;

	(void)state;
	fault_init(&fault, arena);
	assert_err(ERR_OK, item_check_editor(&item, &principal, &fault));
	principal.user_id = other;
	assert_err(ERR_FORBIDDEN, item_check_editor(&item, &principal, &fault));
	principal.roles |= ROLE_ADMIN;
	assert_err(ERR_OK, item_check_editor(&item, &principal, &fault));
}

static void
test_categories(void **state)
{
	static const char *const good[] = {"a", "0", "-", "books-2"};
	static const char *const bad[] = {"", "A", "a b", "a_b", "\xc3\xa4", "a.b", "$a"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_true(item_category_valid(good[i]));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(item_category_valid(bad[i]));
}

static void
test_statuses(void **state)
{
	enum item_status status;

	(void)state;
	assert_err(ERR_OK, item_status_parse("active", &status));
	assert_int_equal(status, ITEM_ACTIVE);
	assert_err(ERR_OK, item_status_parse("archived", &status));
	assert_int_equal(status, ITEM_ARCHIVED);
	assert_err(ERR_CORRUPT, item_status_parse("Active", &status));
}

/* The words of TEXTS, joined by commas. */
static const char *
words(const char *a, const char *b)
{
	const char *texts[] = {a, b};
	const char *joined = "";
	struct words found;

	assert_err(ERR_OK, words_of(arena, texts, 2, &found));
	for (size_t i = 0; i < found.count; i++)
		joined = arena_printf(arena, "%s%s%s", joined, i > 0 ? "," : "", found.list[i]);
	return joined;
}

static void
test_words(void **state)
{
	(void)state;
	assert_string_equal(words("Red lamp", NULL), "lamp,red");
	assert_string_equal(words("lamp LAMP Lamp", "lamp"), "lamp");
	assert_string_equal(words("\xc3\x84rger, T\xc3\xa9"
				  "e!",
				NULL),
	    "arger,tee");
	assert_string_equal(words("Stra\xc3\x9f"
				  "e",
				NULL),
	    "strasse");
	assert_string_equal(words("e\xcc\x81t\xc3\xa9", NULL), "ete"); /* composed or not */
	assert_string_equal(words("USB-C 3.0", NULL), "0,3,c,usb");
	assert_string_equal(words("\xef\xac\x81ne", NULL), "fine"); /* a ligature */
	assert_string_equal(words("\xd0\x9b\xd0\x90\xd0\x9c\xd0\x9f\xd0\x90", NULL),
	    "\xd0\xbb\xd0\xb0\xd0\xbc\xd0\xbf\xd0\xb0");
	assert_string_equal(words("", NULL), "");
	assert_string_equal(words("!? \xe2\x80\x94 \xf0\x9f\x98\x80", NULL), "");
	assert_string_equal(words("$where {$gt: 1}", NULL), "1,gt,where");
}

static void
test_long_words_are_cut_between_characters(void **state)
{
	char text[201];
	const char *cut;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[200] = '\0';
	assert_int_equal(strlen(words(text, NULL)), WORD_MAX_BYTES);
	/* 63 bytes, then characters of two. */
	memset(text, 'x', 63);
	for (size_t i = 63; i < 199; i += 2)
		memcpy(text + i, "\xd0\xbb", 2);
	text[199] = '\0';
	cut = words(text, NULL);
	assert_int_equal(strlen(cut), 63);
}

static void
test_sort_keys(void **state)
{
	const char *key;
	char text[1001];

	(void)state;
	assert_err(ERR_OK, words_sort_key(arena, "\xc3\x84pfel & Birnen", &key));
	assert_string_equal(key, "apfel & birnen");
	memset(text, 'A', sizeof(text) - 1);
	text[1000] = '\0';
	assert_err(ERR_OK, words_sort_key(arena, text, &key));
	assert_int_equal(strlen(key), WORDS_KEY_MAX_BYTES);
	assert_int_equal(key[0], 'a');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_new_item),
	    cmocka_unit_test(test_a_replacement_keeps_what_is_the_shops),
	    cmocka_unit_test(test_who_may_edit),
	    cmocka_unit_test(test_categories),
	    cmocka_unit_test(test_statuses),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_long_words_are_cut_between_characters),
	    cmocka_unit_test(test_sort_keys),
	};

	return cmocka_run_group_tests(tests, arena_start, arena_end);
}

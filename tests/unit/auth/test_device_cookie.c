#include <string.h>

#include "tests/unit/unit.h"

#include "fcgi/auth/device_cookie.h"

#define NOW_MS INT64_C(1763860000000)

static struct derived_keys keys;
static struct arena *arena;
static const struct device_owner ada = {{"0192f3a0-0000-7000-8000-000000000001"}, "1763.5"};

static bool
is_valid(const char *value, const struct device_owner *owner)
{
	return device_cookie_valid(&keys, arena, value, owner, NOW_MS);
}

static const char *
make(void)
{
	const char *value = NULL;

	assert_err(ERR_OK, device_cookie_make(&keys, arena, &ada, NOW_MS, &value));
	return value;
}

static int
setup(void **state)
{
	(void)state;
	derived_keys_init(&keys, "a pepper of this test", "");
	return arena_new(1 << 20, &arena) == ERR_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void
test_it_is_its_owners(void **state)
{
	struct device_owner other = ada;
	struct device_owner renewed = ada;
	const char *value = make();

	(void)state;
	assert_true(is_valid(value, &ada));
	assert_string_not_equal(value, make());
	other.user_id.text[ID_LEN - 1] = '2';
	assert_false(is_valid(value, &other));
	renewed.password_version = "1763.6";
	assert_false(is_valid(value, &renewed));
	assert_false(is_valid(NULL, &ada));
	assert_false(is_valid("", &ada));
}

static void
test_no_letter_of_it_may_change(void **state)
{
	const char *value = make();
	size_t len = strlen(value);

	(void)state;
	for (size_t i = 0; i < len; i++) {
		char *bent = arena_strdup(arena, value);

		bent[i] = bent[i] == 'A' ? 'B' : 'A';
		assert_false(is_valid(bent, &ada));
	}
	assert_false(is_valid(arena_printf(arena, "%sA", value), &ada));
	assert_false(is_valid(arena_memdup(arena, value, len - 1), &ada));
}

static void
test_it_ends(void **state)
{
	const char *value = make();

	(void)state;
	assert_true(device_cookie_valid(
	    &keys, arena, value, &ada, NOW_MS + (DEVICE_COOKIE_TTL_S - 1) * 1000));
	assert_false(
	    device_cookie_valid(&keys, arena, value, &ada, NOW_MS + DEVICE_COOKIE_TTL_S * 1000));
}

static void
test_it_outlives_one_change_of_the_pepper(void **state)
{
	const char *value = make();

	(void)state;
	derived_keys_init(&keys, "the pepper after it", "a pepper of this test");
	assert_true(is_valid(value, &ada));
	assert_true(is_valid(make(), &ada));
	derived_keys_init(&keys, "the pepper after it", "");
	assert_false(is_valid(value, &ada));
}

/* By `openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt key:… -kdfopt info:… HKDF`. */
static void
test_keys_are_hkdf(void **state)
{
	char hex[2 * DERIVED_KEY_BYTES + 1];

	(void)state;
	hex_encode(keys.now.sealing, DERIVED_KEY_BYTES, hex);
	assert_string_equal(
	    hex, "6f1881f437991e4b2fb4a3c91f4f7d684f126a9a0d396d32e1556c2fab415281");
	hex_encode(keys.now.device, DERIVED_KEY_BYTES, hex);
	assert_string_equal(
	    hex, "a7364c2242417924380c3e172b5cdc8e79be54de1e5073ab59f053d5f95ef5f6");
	assert_ptr_equal(derived_keys_find(&keys, keys.now.pepper_id), &keys.now);
	assert_null(derived_keys_find(&keys, "00000000"));
	assert_null(derived_keys_find(&keys, ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(test_it_is_its_owners),
	    TEST(test_no_letter_of_it_may_change),
	    TEST(test_it_ends),
	    TEST(test_it_outlives_one_change_of_the_pepper),
	    TEST(test_keys_are_hkdf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

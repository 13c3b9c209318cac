#include <crypt.h>
#include <string.h>

#include "tests/unit/arena_rig.h"

#include "fcgi/auth/common_passwords.h"
#include "fcgi/auth/password.h"

static void
test_normal_form(void **state)
{
	const char *composed;
	const char *decomposed;

	(void)state;
	assert_err(ERR_OK, password_normalise(arena, "caf\xC3\xA9", &composed));
	assert_err(ERR_OK, password_normalise(arena, "cafe\xCC\x81", &decomposed));
	assert_string_equal(composed, "caf\xC3\xA9");
	assert_string_equal(decomposed, composed);
	/* Compatibility forms and case are left alone: another password. */
	assert_err(ERR_OK, password_normalise(arena, "\xEF\xAC\x81 X", &composed));
	assert_string_equal(composed, "\xEF\xAC\x81 X");
	assert_err(ERR_OK, password_normalise(arena, "\t\x01 \x7F", &composed));
	assert_string_equal(composed, "\t\x01 \x7F");
	assert_err(ERR_MALFORMED, password_normalise(arena, "\xC3", &composed));
}

static void
expect_code(const char *text, enum field_code expected)
{
	enum field_code code = FIELD_COUNT;
	const char *detail = NULL;
	bool allowed;

	assert_err(ERR_OK, password_judge(arena, text, &allowed, &code, &detail));
	assert_int_equal(allowed, expected == FIELD_COUNT);
	assert_int_equal(code, expected);
	assert_int_equal(detail == NULL, expected == FIELD_COUNT);
}

static void
test_length_counts_characters(void **state)
{
	char text[128 * 4 + 5] = "";

	(void)state;
	expect_code("1234567", FIELD_TOO_SHORT);
	expect_code("1234567x", FIELD_COUNT);
	expect_code("\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9", FIELD_TOO_SHORT);
	for (size_t i = 0; i < 128; i++)
		memcpy(text + 4 * i, "\xF0\x9F\x94\x91", 5);
	expect_code(text, FIELD_COUNT);
	memcpy(text + (size_t)4 * 128, "x", 2);
	expect_code(text, FIELD_TOO_LONG);
}

/* Each is in the list that guessers begin with: at either end of a length, in any case, in letters
 * of twice the width, which fold to others, not. */
static void
test_common_passwords_are_refused(void **state)
{
	size_t count = 0;

	(void)state;
	expect_code("password", FIELD_PASSWORD_COMMON);
	expect_code("PassWord1", FIELD_PASSWORD_COMMON);
	expect_code("12345678", FIELD_PASSWORD_COMMON);
	expect_code("qwertyuiop", FIELD_PASSWORD_COMMON);
	expect_code("!qaz2wsx", FIELD_PASSWORD_COMMON);
	expect_code("kl?benhavn", FIELD_PASSWORD_COMMON);
	expect_code("password ", FIELD_COUNT);
	expect_code(" password", FIELD_COUNT);
	expect_code("pass word", FIELD_COUNT);
	expect_code("correct horse battery staple", FIELD_COUNT);
	expect_code("\xEF\xBD\x90"
		    "assword",
	    FIELD_COUNT);
	for (const struct common_passwords *list = common_password_list; list->len != 0; list++) {
		assert_int_equal(strlen(list->texts), list->len * list->count);
		for (size_t i = 1; i < list->count; i++)
			assert_true(memcmp(list->texts + (i - 1) * list->len,
					list->texts + i * list->len, list->len) < 0);
		for (size_t i = 0; i < list->count; i++)
			expect_code(arena_memdup(arena, list->texts + i * list->len, list->len),
			    FIELD_PASSWORD_COMMON);
		count += list->count;
	}
	assert_true(count >= 10000);
}

static void
expect_tells(const char *normal, bool expected)
{
	bool tells = !expected;

	assert_err(ERR_OK,
	    password_tells_owner(
		arena, normal, "Ada.Lovelace@example.org", "Ada King-No\xC3\xABl", &tells));
	assert_int_equal(tells, expected);
}

static void
test_a_password_does_not_say_whose_it_is(void **state)
{
	(void)state;
	expect_tells("ada.lovelace@EXAMPLE.org", true);
	expect_tells("ADA.lovelace", true);
	expect_tells("ada king-no\xC3\x8BL", true);
	expect_tells("ada king-noel", false);
	expect_tells("ada.lovelace1", false);
	expect_tells("ada", false);
}

/* By openssl dgst -sha384 -hmac, and base64. */
static void
test_prehash(void **state)
{
	char out[PASSWORD_PREHASH_SIZE];
	char other[PASSWORD_PREHASH_SIZE];

	(void)state;
	password_prehash("pepper", "password", out);
	assert_string_equal(
	    out, "ktUybX2VWdBRVlKktDBU06ek0R2BTO+GIDOs/D0ZgQ8Gpm7CAtCFe1BdZNo1/HNi");
	password_prehash("peppes", "password", other);
	assert_string_not_equal(out, other);
	password_prehash("pepper", "passwore", other);
	assert_string_not_equal(out, other);
	password_prehash("pepper", "", other);
	assert_int_equal(strlen(other), 64);
}

static void
test_peppers_have_names(void **state)
{
	char one[PASSWORD_PEPPER_ID_SIZE];
	char two[PASSWORD_PEPPER_ID_SIZE];

	(void)state;
	password_pepper_id("pepper", one);
	password_pepper_id("pepper", two);
	assert_string_equal(one, two);
	assert_int_equal(strlen(one), 8);
	password_pepper_id("salt", two);
	assert_string_not_equal(one, two);
}

static void
test_settings_are_what_crypt_takes(void **state)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	char setting[PASSWORD_SETTING_SIZE];
	char other[PASSWORD_SETTING_SIZE];

	(void)state;
	assert_non_null(data);
	for (int i = 0; i < 20; i++) {
		const char *hash;

		password_setting(4, setting);
		assert_int_equal(strlen(setting), 29);
		hash = crypt_r("x", setting, data);
		assert_non_null(hash);
		/* crypt would correct stray bits of the last character. */
		assert_memory_equal(hash, setting, 29);
		assert_int_equal(password_stored_cost(hash), 4);
	}
	password_setting(4, other);
	assert_string_not_equal(setting, other);
	password_setting(12, setting);
	assert_memory_equal(setting, "$2b$12$", 7);
	free(data);
}

static void
test_a_dummy_looks_like_any_other(void **state)
{
	char dummy[PASSWORD_HASH_SIZE];

	(void)state;
	password_dummy(12, dummy);
	assert_int_equal(password_stored_cost(dummy), 12);
}

#define SALT "abcdefghijklmnopqrstuu"
#define HASH "0123456789ABCDEFGHIJKLMNOPQRSTU"

static void
test_only_hashes_are_hashes(void **state)
{
	static const char *const bad[] = {"", "*0", "$2b$", "$2b$12$", "$2b$12$" SALT HASH "x",
	    "$2a$12$" SALT HASH, "$2y$12$" SALT HASH, "$1$12345$" SALT HASH, "$2b$1$" SALT HASH "x",
	    "$2b$03$" SALT HASH, "$2b$32$" SALT HASH, "$2b$-1$" SALT HASH, "$2b$ 9$" SALT HASH,
	    "$2b$12." SALT HASH, "$2b$12$" SALT "=123456789ABCDEFGHIJKLMNOPQRSTU",
	    "$2b$12$:bcdefghijklmnopqrstuu" HASH, "abJnggxhB/yWI"};

	(void)state;
	assert_int_equal(password_stored_cost("$2b$12$" SALT HASH), 12);
	assert_int_equal(password_stored_cost("$2b$04$" SALT HASH), 4);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(password_stored_cost(bad[i]), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_normal_form),
	    cmocka_unit_test(test_length_counts_characters),
	    cmocka_unit_test(test_common_passwords_are_refused),
	    cmocka_unit_test(test_a_password_does_not_say_whose_it_is),
	    cmocka_unit_test(test_prehash),
	    cmocka_unit_test(test_peppers_have_names),
	    cmocka_unit_test(test_settings_are_what_crypt_takes),
	    cmocka_unit_test(test_a_dummy_looks_like_any_other),
	    cmocka_unit_test(test_only_hashes_are_hashes),
	};

	return cmocka_run_group_tests(tests, arena_start, arena_end);
}

#include <string.h>

#include "tests/unit/arena_rig.h"

#include "fcgi/auth/refresh_token.h"

static struct id session;
static unsigned char key[REFRESH_KEY_BYTES];
static unsigned char salt[REFRESH_SALT_BYTES];
static struct refresh_token first;

static int
setup(void **state)
{
	id_new(1800000000000, &session);
	random_bytes(key, sizeof(key));
	random_bytes(salt, sizeof(salt));
	refresh_token_first(&session, key, &first);
	return arena_start(state);
}

static void
test_there_and_back(void **state)
{
	const char *text = refresh_token_text(arena, &first);
	struct refresh_token token;

	(void)state;
	assert_int_equal(strlen(text), REFRESH_TOKEN_CHARS);
	assert_err(ERR_OK, refresh_token_parse(arena, text, &token));
	assert_true(id_equal(&token.session_id, &session));
	assert_int_equal(token.generation, 1);
	assert_memory_equal(token.secret, first.secret, sizeof(token.secret));
	assert_true(refresh_token_is_ours(&token, key));
	assert_string_equal(refresh_token_hash(arena, &token), refresh_token_hash(arena, &first));
	assert_int_equal(strlen(refresh_token_hash(arena, &token)), 43);
}

static void
test_the_same_salt_gives_the_same_successor(void **state)
{
	unsigned char other_salt[REFRESH_SALT_BYTES];
	struct refresh_token one;
	struct refresh_token two;
	struct refresh_token third;

	(void)state;
	memcpy(other_salt, salt, sizeof(salt));
	other_salt[0] ^= 1;
	refresh_token_successor(&first, salt, key, &one);
	refresh_token_successor(&first, salt, key, &two);
	assert_string_equal(refresh_token_text(arena, &one), refresh_token_text(arena, &two));
	assert_int_equal(one.generation, 2);
	assert_true(id_equal(&one.session_id, &session));
	assert_true(refresh_token_is_ours(&one, key));
	assert_memory_not_equal(one.secret, first.secret, sizeof(one.secret));
	refresh_token_successor(&first, other_salt, key, &two);
	assert_memory_not_equal(one.secret, two.secret, sizeof(one.secret));
	refresh_token_successor(&one, salt, key, &third);
	assert_int_equal(third.generation, 3);
	assert_memory_not_equal(third.secret, one.secret, sizeof(one.secret));
}

static void
test_every_character_counts(void **state)
{
	const char *good = refresh_token_text(arena, &first);

	(void)state;
	for (size_t i = 0; i < REFRESH_TOKEN_CHARS; i++) {
		char *bent = arena_strdup(arena, good);
		struct refresh_token token;

		bent[i] = bent[i] == 'A' ? 'B' : 'A';
		if (refresh_token_parse(arena, bent, &token) != ERR_OK)
			continue;
		assert_false(refresh_token_is_ours(&token, key));
		assert_string_not_equal(
		    refresh_token_hash(arena, &token), refresh_token_hash(arena, &first));
	}
}

static void
test_another_sessions_key_is_no_key(void **state)
{
	unsigned char other[REFRESH_KEY_BYTES];

	(void)state;
	random_bytes(other, sizeof(other));
	assert_false(refresh_token_is_ours(&first, other));
}

static void
test_what_is_no_token(void **state)
{
	const char *good = refresh_token_text(arena, &first);
	const char *const bad[] = {"", "x", arena_printf(arena, "%sA", good),
	    arena_printf(arena, "%.90s", good), arena_printf(arena, "%.90s=", good),
	    arena_printf(arena, "%.90s+", good), arena_printf(arena, "%.90s ", good)};
	struct refresh_token token = first;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_err(ERR_TOKEN_INVALID, refresh_token_parse(arena, bad[i], &token));
	token.generation = 0;
	assert_err(ERR_TOKEN_INVALID,
	    refresh_token_parse(arena, refresh_token_text(arena, &token), &token));
	/* The table's column is an integer. */
	token.generation = UINT32_C(0x80000000);
	assert_err(ERR_TOKEN_INVALID,
	    refresh_token_parse(arena, refresh_token_text(arena, &token), &token));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_there_and_back),
	    cmocka_unit_test(test_the_same_salt_gives_the_same_successor),
	    cmocka_unit_test(test_every_character_counts),
	    cmocka_unit_test(test_another_sessions_key_is_no_key),
	    cmocka_unit_test(test_what_is_no_token),
	};

	return cmocka_run_group_tests(tests, setup, arena_end);
}

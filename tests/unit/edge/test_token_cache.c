#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "shared/base/check.h"
#include "shared/edge/token_cache.h"

#define NOW_S 1000

static struct token_cache *cache;
static struct arena *arena;

static struct principal
ann_until(int64_t expires_at_s)
{
	return (struct principal){
	    .user_id = {"0190a1b2-0000-7000-8000-000000000001"},
	    .session_id = {"0190a1b2-0000-7000-8000-000000000002"},
	    .email = "ann@example.org",
	    .email_verified = true,
	    .roles = ROLE_ADMIN,
	    .expires_at_s = expires_at_s,
	};
}

static struct token_digest
digest_of(const char *token)
{
	struct token_digest digest;

	check(token_digest_of(token, &digest) == ERR_OK);
	return digest;
}

static void
put(const char *token, uint64_t generation, int64_t expires_at_s)
{
	const struct token_digest digest = digest_of(token);
	const struct principal ann = ann_until(expires_at_s);

	token_cache_put(cache, &digest, generation, &ann);
}

static bool
has(const char *token, uint64_t generation, int64_t now_s)
{
	const struct token_digest digest = digest_of(token);
	struct principal principal;
	bool found;

	check(token_cache_get(cache, &digest, generation, now_s, arena, &found, &principal) ==
	    ERR_OK);
	return found;
}

static void
a_digest_is_the_sha256(void **state)
{
	const struct token_digest digest = digest_of("abc");
	static const unsigned char sha256[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea};

	(void)state;
	assert_memory_equal(digest.bytes, sha256, sizeof(sha256));
}

static void
what_was_put_is_found_whole(void **state)
{
	const struct token_digest digest = digest_of("a");
	struct principal principal;
	bool found = false;

	(void)state;
	put("a", 1, NOW_S + 1);
	assert_err(ERR_OK, token_cache_get(cache, &digest, 1, NOW_S, arena, &found, &principal));
	assert_true(found);
	assert_string_equal(principal.user_id.text, "0190a1b2-0000-7000-8000-000000000001");
	assert_string_equal(principal.session_id.text, "0190a1b2-0000-7000-8000-000000000002");
	assert_string_equal(principal.email, "ann@example.org");
	assert_true(principal.email_verified);
	assert_int_equal(principal.roles, ROLE_ADMIN);
	assert_int_equal(principal.expires_at_s, NOW_S + 1);
}

static void
other_tokens_are_not_found(void **state)
{
	(void)state;
	put("a", 1, NOW_S + 1);
	assert_false(has("b", 1, NOW_S));
	assert_false(has("", 1, NOW_S));
}

static void
what_expired_is_not_found(void **state)
{
	(void)state;
	put("a", 1, NOW_S);
	assert_true(has("a", 1, NOW_S - 1));
	assert_false(has("a", 1, NOW_S));
}

static void
another_generation_finds_nothing(void **state)
{
	(void)state;
	put("a", 1, NOW_S + 1);
	assert_false(has("a", 2, NOW_S));
	put("a", 2, NOW_S + 1);
	assert_true(has("a", 2, NOW_S));
	assert_false(has("a", 1, NOW_S));
}

static void
a_long_email_is_not_remembered(void **state)
{
	const struct token_digest digest = digest_of("a");
	struct principal ann = ann_until(NOW_S + 1);
	char email[257];

	(void)state;
	memset(email, 'e', sizeof(email) - 1);
	email[sizeof(email) - 1] = '\0';
	ann.email = email;
	token_cache_put(cache, &digest, 1, &ann);
	assert_false(has("a", 1, NOW_S));
	email[255] = '\0';
	token_cache_put(cache, &digest, 1, &ann);
	assert_true(has("a", 1, NOW_S));
}

/* The table is full many times over: what expires last stays, and nothing is confused. */
static void
what_expires_first_makes_room(void **state)
{
	char token[32];
	unsigned found = 0;

	(void)state;
	put("long-lived", 1, NOW_S + 1000000);
	for (int i = 0; i < 20000; i++) {
		(void)snprintf(token, sizeof(token), "token-%d", i);
		put(token, 1, NOW_S + 1 + i);
		assert_true(has(token, 1, NOW_S));
	}
	assert_true(has("long-lived", 1, NOW_S));
	for (int i = 0; i < 20000; i++) {
		(void)snprintf(token, sizeof(token), "token-%d", i);
		found += has(token, 1, NOW_S);
	}
	assert_in_range(found, 4000, 4096);
}

static void
an_arena_at_its_cap_is_told(void **state)
{
	const struct token_digest digest = digest_of("a");
	auto_arena struct arena *tiny = NULL;
	struct principal principal;
	bool found;

	(void)state;
	assert_err(ERR_OK, arena_new(4, &tiny));
	put("a", 1, NOW_S + 1);
	assert_err(ERR_MEMORY, token_cache_get(cache, &digest, 1, NOW_S, tiny, &found, &principal));
	assert_false(found);
}

static int
set_up(void **state)
{
	(void)state;
	check(arena_new(4 * 1024 * 1024, &arena) == ERR_OK);
	return token_cache_new(&cache) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	token_cache_free(&cache);
	token_cache_free(&cache);
	arena_free(&arena);
	return 0;
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH(a_digest_is_the_sha256),
	    EACH(what_was_put_is_found_whole),
	    EACH(other_tokens_are_not_found),
	    EACH(what_expired_is_not_found),
	    EACH(another_generation_finds_nothing),
	    EACH(a_long_email_is_not_remembered),
	    EACH(what_expires_first_makes_room),
	    EACH(an_arena_at_its_cap_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <string.h>

#include "tests/unit/unit.h"

#include "fcgi/auth/recovery_code.h"
#include "fcgi/auth/seal.h"

static struct derived_keys keys;
static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	derived_keys_init(&keys, "a pepper of this test", "another of this test");
	return arena_new(1 << 20, &arena) == ERR_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static enum err
open_sealed(const unsigned char *key, const char *sealed, const char *about, char out[6])
{
	return seal_open(key, arena, sealed, about, (unsigned char *)out, 6);
}

static void
test_what_is_sealed_opens_for_its_owner_alone(void **state)
{
	char plain[6] = "none";
	const char *again;
	const char *sealed;

	(void)state;
	assert_err(
	    ERR_OK, seal_close(keys.now.sealing, arena, span_of("secret", 6), "ada", &sealed));
	assert_err(
	    ERR_OK, seal_close(keys.now.sealing, arena, span_of("secret", 6), "ada", &again));
	assert_string_not_equal(sealed, again);
	assert_err(ERR_CORRUPT, open_sealed(keys.old.sealing, sealed, "ada", plain));
	assert_err(ERR_CORRUPT, open_sealed(keys.now.sealing, sealed, "bob", plain));
	assert_err(ERR_CORRUPT, open_sealed(keys.now.sealing, "", "ada", plain));
	assert_err(ERR_CORRUPT, open_sealed(keys.now.sealing, "no base64!", "ada", plain));
	assert_string_equal(plain, "none");
	for (size_t i = 0; i < strlen(sealed); i++) {
		char *bent = arena_strdup(arena, sealed);

		bent[i] = bent[i] == 'A' ? 'B' : 'A';
		assert_err(ERR_CORRUPT, open_sealed(keys.now.sealing, bent, "ada", plain));
	}
	assert_err(ERR_OK, open_sealed(keys.now.sealing, sealed, "ada", plain));
	assert_memory_equal(plain, "secret", 6);
}

static void
test_recovery_codes_are_ten_and_differ(void **state)
{
	struct recovery_codes codes;
	const char *kept;

	(void)state;
	assert_err(ERR_OK, recovery_codes_new(arena, &codes));
	for (size_t i = 0; i < RECOVERY_CODES; i++) {
		assert_int_equal(strlen(codes.texts[i]), 27);
		assert_int_equal(strspn(codes.texts[i], "abcdefghijklmnopqrstuvwxyz234567-"), 27);
		assert_err(ERR_OK, recovery_code_kept(arena, codes.texts[i], &kept));
		assert_non_null(strstr(codes.kept, kept));
		assert_null(strstr(codes.kept, codes.texts[i]));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(codes.texts[i], codes.texts[j]);
	}
}

static void
test_recovery_codes_as_people_type_them(void **state)
{
	static const char *const none[] = {"", "abcdef-ghijkl-mnopqr-stuvw",
	    "abcdef-ghijkl-mnopqr-stuvwxy", "abcdef-ghijkl-mnopqr-stuvw1", "123456",
	    "abcdef-ghijkl-mnopqr-stuvw\xC3\xA9"};
	const char *first;
	const char *second;

	(void)state;
	assert_err(ERR_OK, recovery_code_kept(arena, "abcdef-ghijkl-mnopqr-stuvwx", &first));
	assert_err(ERR_OK, recovery_code_kept(arena, "ABCDEF GHIJKL mnopqrstuvwx", &second));
	assert_string_equal(first, second);
	for (size_t i = 0; i < COUNT_OF(none); i++)
		assert_err(ERR_WRONG_CODE, recovery_code_kept(arena, none[i], &first));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(test_what_is_sealed_opens_for_its_owner_alone),
	    TEST(test_recovery_codes_are_ten_and_differ),
	    TEST(test_recovery_codes_as_people_type_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

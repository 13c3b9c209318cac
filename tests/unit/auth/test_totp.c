#include "tests/unit/arena_rig.h"

#include "fcgi/auth/totp.h"

/* RFC 6238, appendix B. */
static const unsigned char secret[TOTP_SECRET_BYTES] = "12345678901234567890";

static int
setup(void **state)
{
	assert_err(ERR_OK, totp_init());
	return arena_start(state);
}

/* Its table for SHA-1, of which six digits are the last six. */
static void
test_the_vectors_of_rfc_6238(void **state)
{
	static const struct {
		int64_t at_s;
		const char *code;
	} vectors[] = {
	    {59, "287082"},
	    {1111111109, "081804"},
	    {1111111111, "050471"},
	    {1234567890, "005924"},
	    {2000000000, "279037"},
	    {20000000000, "353130"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(vectors); i++) {
		int64_t step = vectors[i].at_s / 30;

		assert_int_equal(totp_find_step(secret, vectors[i].code, vectors[i].at_s, 0), step);
		/* A clock may be a step off, either way, and no more. */
		assert_int_equal(
		    totp_find_step(secret, vectors[i].code, vectors[i].at_s + 30, 0), step);
		assert_int_equal(
		    totp_find_step(secret, vectors[i].code, vectors[i].at_s - 30, 0), step);
		assert_int_equal(
		    totp_find_step(secret, vectors[i].code, step * 30 + 60, 0), TOTP_NO_STEP);
		if (step > 1)
			assert_int_equal(totp_find_step(secret, vectors[i].code, step * 30 - 31, 0),
			    TOTP_NO_STEP);
	}
}

static void
test_a_step_is_good_once(void **state)
{
	int64_t step = 1111111111 / 30;

	(void)state;
	assert_int_equal(totp_find_step(secret, "050471", 1111111111, step - 1), step);
	assert_int_equal(totp_find_step(secret, "050471", 1111111111, step), TOTP_NO_STEP);
	assert_int_equal(totp_find_step(secret, "050471", 1111111111, step + 1), TOTP_NO_STEP);
	assert_int_equal(totp_find_step(secret, "050472", 1111111111, 0), TOTP_NO_STEP);
}

static void
test_what_a_code_looks_like(void **state)
{
	static const char *const none[] = {
	    "", "12345", "1234567", "12345a", "-12345", " 12345", "१२३४५६"};

	(void)state;
	assert_true(totp_is_code("000000"));
	for (size_t i = 0; i < COUNT_OF(none); i++)
		assert_false(totp_is_code(none[i]));
}

static void
test_what_an_app_reads(void **state)
{
	const char *uri;
	char *base32;

	(void)state;
	assert_err(ERR_OK, totp_base32(arena, secret, TOTP_SECRET_BYTES, &base32));
	assert_string_equal(base32, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
	assert_err(ERR_OK, totp_uri(arena, "shop.example", "ada+1&x@example.org", base32, &uri));
	assert_string_equal(uri,
	    "otpauth://totp/shop.example:ada%2B1%26x%40example.org"
	    "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=shop.example"
	    "&algorithm=SHA1&digits=6&period=30");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, arena_end)
	    TEST(test_the_vectors_of_rfc_6238),
	    TEST(test_a_step_is_good_once),
	    TEST(test_what_a_code_looks_like),
	    TEST(test_what_an_app_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <string.h>

#include "tests/unit/unit.h"

#include "shared/edge/jwt.h"
#include "tests/unit/edge/forge.h"

/* RFC 7515 appendix A.3, and the thumbprint of its key, computed elsewhere. */
#define RFC_X  "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define RFC_Y  "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define RFC_ID "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"
#define RFC_MESSAGE                                                                                \
	"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtc"   \
	"GxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define RFC_SIGNATURE                                                                              \
	"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

static struct arena *arena;

static struct span
text_span(const char *text)
{
	return span_of(text, strlen(text));
}

static struct span
decoded(const char *text)
{
	struct span out;

	check(base64url_decode(arena, text, strlen(text), &out) == ERR_OK);
	return out;
}

static void
refuse_pem(const char *pem)
{
	struct jwt_key *key = NULL;

	assert_err(ERR_CONFIG, jwt_key_from_pem(text_span(pem), &key));
	assert_null(key);
	assert_int_equal(ERR_peek_error(), 0); /* nothing is left for whoever asks OpenSSL next */
}

/* In the older form, "BEGIN EC PRIVATE KEY". */
static const char *
sec1_pem(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	const char *pem;
	long len;

	check(PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
	len = BIO_get_mem_data(bio, &data);
	pem = arena_memdup(arena, data, (size_t)len);
	BIO_free_all(bio);
	return pem;
}

static void
a_private_key_is_read_in_both_forms(void **state)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	auto_jwt_key struct jwt_key *pkcs8 = NULL;
	auto_jwt_key struct jwt_key *sec1 = NULL;
	auto_jwt_key struct jwt_key *ecparam = NULL;

	(void)state;
	assert_err(ERR_OK, jwt_key_from_pem(text_span(forge_pem(arena, pkey, true)), &pkcs8));
	assert_err(ERR_OK, jwt_key_from_pem(text_span(sec1_pem(pkey)), &sec1));
	/* As `openssl ecparam -genkey` writes it. */
	assert_err(ERR_OK,
	    jwt_key_from_pem(text_span(arena_printf(arena,
				 "-----BEGIN EC PARAMETERS-----\n"
				 "BggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n%s",
				 sec1_pem(pkey))),
		&ecparam));
	assert_int_equal(strlen(jwt_key_id(pkcs8)), 43);
	assert_string_equal(jwt_key_id(pkcs8), jwt_key_id(sec1));
	assert_string_equal(jwt_key_id(pkcs8), jwt_key_id(ecparam));
	EVP_PKEY_free(pkey);
}

static void
keys_that_are_no_private_p256_key_are_refused(void **state)
{
	EVP_PKEY *p256 = EVP_EC_gen("P-256");
	EVP_PKEY *p384 = EVP_EC_gen("P-384");
	EVP_PKEY *k256 = EVP_EC_gen("secp256k1");
	EVP_PKEY *rsa = EVP_RSA_gen(2048);
	EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	const char *pem = forge_pem(arena, p256, true);

	(void)state;
	refuse_pem("");
	refuse_pem("\n");
	refuse_pem("secret");
	refuse_pem("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n");
	refuse_pem(arena_memdup(arena, pem, strlen(pem) / 2));
	refuse_pem(forge_pem(arena, p256, false));
	refuse_pem(forge_pem(arena, p384, true));
	refuse_pem(forge_pem(arena, k256, true));
	refuse_pem(forge_pem(arena, rsa, true));
	refuse_pem(forge_pem(arena, ed, true));
	EVP_PKEY_free(p256);
	EVP_PKEY_free(p384);
	EVP_PKEY_free(k256);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ed);
}

/* OpenSSL would ask for the passphrase on the terminal, and wait. */
static void
an_encrypted_key_is_refused_without_a_question(void **state)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	BIO *bio = BIO_new(BIO_s_mem());
	char passphrase[] = "secret";
	char *data;
	long len;

	(void)state;
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, pkey, EVP_aes_256_cbc(), passphrase,
			     (int)strlen(passphrase), NULL, NULL),
	    1);
	len = BIO_get_mem_data(bio, &data);
	refuse_pem(arena_memdup(arena, data, (size_t)len));
	BIO_free_all(bio);
	EVP_PKEY_free(pkey);
}

static void
the_example_of_the_rfc_verifies(void **state)
{
	auto_jwt_key struct jwt_key *key = NULL;
	char *changed;

	(void)state;
	assert_err(ERR_OK, jwt_key_from_point(decoded(RFC_X), decoded(RFC_Y), NULL, &key));
	assert_string_equal(jwt_key_id(key), RFC_ID);
	assert_string_equal(jwt_key_x(key), RFC_X);
	assert_string_equal(jwt_key_y(key), RFC_Y);
	assert_true(jwt_key_verify(key, text_span(RFC_MESSAGE), decoded(RFC_SIGNATURE)));
	changed = arena_strdup(arena, RFC_MESSAGE);
	changed[30]++;
	assert_false(jwt_key_verify(key, text_span(changed), decoded(RFC_SIGNATURE)));
	assert_int_equal(ERR_peek_error(), 0);
}

static void
a_point_off_the_curve_is_refused(void **state)
{
	struct jwt_key *key = NULL;
	struct span x = decoded(RFC_X);
	struct span y = decoded(RFC_Y);
	char zeros[JWT_COORDINATE_BYTES] = {0};
	char off[JWT_COORDINATE_BYTES];

	(void)state;
	memcpy(off, y.data, sizeof(off));
	off[31] ^= 1;
	assert_err(ERR_MALFORMED, jwt_key_from_point(x, span_of(off, sizeof(off)), NULL, &key));
	assert_err(ERR_MALFORMED,
	    jwt_key_from_point(
		span_of(zeros, sizeof(zeros)), span_of(zeros, sizeof(zeros)), NULL, &key));
	assert_err(ERR_MALFORMED, jwt_key_from_point(span_of(x.data, 31), y, NULL, &key));
	assert_err(ERR_MALFORMED, jwt_key_from_point(x, y, "", &key));
	assert_null(key);
}

static void
the_jwks_holds_public_parts_alone_and_reads_back(void **state)
{
	auto_jwt_key_set struct jwt_key_set *set = NULL;
	auto_jwt_key_set struct jwt_key_set *back = NULL;
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	struct jwt_claims claims = {.issuer = "i", .audience = "a", .email = "e"};
	struct jwt_key *key = NULL;
	const struct jwt_key *read;
	const char *token = NULL;
	auto_buf struct buf json;
	char kid[JWT_KEY_ID_SIZE];

	(void)state;
	buf_init(&json, 4096);
	assert_err(ERR_OK, jwt_key_set_new(&set));
	jwks_write(set, &json);
	assert_string_equal(json.data, "{\"keys\":[]}");
	buf_reset(&json);
	assert_err(ERR_OK, jwt_key_from_pem(text_span(forge_pem(arena, pkey, true)), &key));
	memcpy(kid, jwt_key_id(key), sizeof(kid));
	assert_err(ERR_OK, jwt_key_set_add(set, &key));
	assert_null(key);
	jwks_write(set, &json);
	assert_null(strstr(json.data, "\"d\""));
	assert_err(ERR_OK, jwks_parse(arena, span_of(json.data, json.len), &back));
	assert_int_equal(jwt_key_set_count(back), 1);
	read = jwt_key_set_find(back, kid);
	assert_non_null(read);
	assert_string_equal(jwt_key_x(read), jwt_key_x(jwt_key_set_find(set, kid)));
	assert_err(ERR_INTERNAL, jwt_sign(read, &claims, arena, &token));
	EVP_PKEY_free(pkey);
}

static void
the_same_key_twice_is_one(void **state)
{
	auto_jwt_key_set struct jwt_key_set *set = NULL;

	(void)state;
	assert_err(ERR_OK, jwt_key_set_new(&set));
	for (int i = 0; i < 2; i++) {
		struct jwt_key *key = NULL;

		assert_err(ERR_OK, jwt_key_from_point(decoded(RFC_X), decoded(RFC_Y), NULL, &key));
		assert_err(ERR_OK, jwt_key_set_add(set, &key));
		assert_null(key);
	}
	assert_int_equal(jwt_key_set_count(set), 1);
	assert_null(jwt_key_set_find(set, "another"));
}

static void
a_set_is_bounded(void **state)
{
	auto_jwt_key_set struct jwt_key_set *set = NULL;

	(void)state;
	assert_err(ERR_OK, jwt_key_set_new(&set));
	for (int i = 0; i <= JWT_KEYS_MAX; i++) {
		struct jwt_key *key = NULL;

		assert_err(ERR_OK,
		    jwt_key_from_point(
			decoded(RFC_X), decoded(RFC_Y), arena_printf(arena, "key-%d", i), &key));
		assert_err(i < JWT_KEYS_MAX ? ERR_OK : ERR_CONFIG, jwt_key_set_add(set, &key));
		assert_null(key);
	}
}

#define JWK(more)                                                                                  \
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" RFC_X "\",\"y\":\"" RFC_Y "\"" more "}"

static void
assert_keys(size_t count, const char *json)
{
	auto_jwt_key_set struct jwt_key_set *set = NULL;

	assert_err(ERR_OK, jwks_parse(arena, text_span(json), &set));
	assert_int_equal(jwt_key_set_count(set), count);
}

static void
keys_of_a_jwks_we_can_not_use_are_ignored(void **state)
{
	(void)state;
	assert_keys(1, "{\"keys\":[" JWK("") "]}");
	assert_keys(1, "{\"keys\":[" JWK(",\"use\":\"sig\",\"alg\":\"ES256\",\"kid\":\"a\"") "]}");
	assert_keys(1, "{\"keys\":[" JWK(",\"key_ops\":[\"verify\"],\"d\":\"AAAA\"") "]}");
	assert_keys(2, "{\"keys\":[7," JWK(",\"kid\":\"a\"") ",{}," JWK(",\"kid\":\"b\"") "]}");
	assert_keys(0, "{\"keys\":[" JWK(",\"use\":\"enc\"") "]}");
	assert_keys(0, "{\"keys\":[" JWK(",\"alg\":\"HS256\"") "]}");
	assert_keys(0, "{\"keys\":[" JWK(",\"alg\":7") "]}");
	assert_keys(0, "{\"keys\":[" JWK(",\"key_ops\":[\"encrypt\"]") "]}");
	assert_keys(0, "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"a\"}]}");
	assert_keys(0,
	    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" RFC_X "\",\"y\":\"" RFC_X
	    "\"}]}");
	assert_keys(0,
	    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" RFC_X "\",\"y\":\"" RFC_Y
	    "\"}]}");
	assert_keys(0, "{\"keys\":[]}");
}

static void
what_is_no_jwks_is_malformed(void **state)
{
	static const char *const texts[] = {
	    "",
	    "null",
	    "[]",
	    "{}",
	    "{\"keys\":{}}",
	    "{\"keys\":[}",
	    "<html></html>",
	};
	struct jwt_key_set *set = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		assert_err(ERR_MALFORMED, jwks_parse(arena, text_span(texts[i]), &set));
	assert_null(set);
}

static void
teardown_may_run_twice(void **state)
{
	struct jwt_key_set *set = NULL;
	struct jwt_key_set *other;
	struct jwt_key *key = NULL;

	(void)state;
	assert_err(ERR_OK, jwt_key_from_point(decoded(RFC_X), decoded(RFC_Y), NULL, &key));
	jwt_key_free(&key);
	jwt_key_free(&key);
	assert_err(ERR_OK, jwt_key_set_new(&set));
	other = jwt_key_set_ref(set);
	jwt_key_set_unref(&set);
	jwt_key_set_unref(&set);
	assert_int_equal(jwt_key_set_count(other), 0);
	jwt_key_set_unref(&other);
}

static int
set_up(void **state)
{
	(void)state;
	return arena_new(1024 * 1024, &arena) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_private_key_is_read_in_both_forms),
	    cmocka_unit_test(keys_that_are_no_private_p256_key_are_refused),
	    cmocka_unit_test(an_encrypted_key_is_refused_without_a_question),
	    cmocka_unit_test(the_example_of_the_rfc_verifies),
	    cmocka_unit_test(a_point_off_the_curve_is_refused),
	    cmocka_unit_test(the_jwks_holds_public_parts_alone_and_reads_back),
	    cmocka_unit_test(the_same_key_twice_is_one),
	    cmocka_unit_test(a_set_is_bounded),
	    cmocka_unit_test(keys_of_a_jwks_we_can_not_use_are_ignored),
	    cmocka_unit_test(what_is_no_jwks_is_malformed),
	    cmocka_unit_test(teardown_may_run_twice),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

#include <string.h>

#include "tests/unit/unit.h"

#include "shared/edge/jwt.h"
#include "tests/unit/edge/tokens.h"

/* --- headers ---------------------------------------------------------------------------------- */

static void
a_header_that_asks_for_more_is_refused(void **state)
{
	struct forge_member *header = good_header();

	(void)state;
	header[EXTRA] = (struct forge_member){"crit", "[\"exp\"]"};
	assert_refused(forge_es256(arena, known, forge_object(arena, header), good_claims_json()),
	    "crit is present");
	header[EXTRA].json = "null";
	assert_refused(forge_es256(arena, known, forge_object(arena, header), good_claims_json()),
	    "crit is present");
}

static void
header_members_of_a_wrong_kind_are_refused(void **state)
{
	(void)state;
	refuse_header(ALG, NULL, "alg is not ES256");
	refuse_header(ALG, "\"es256\"", "alg is not ES256");
	refuse_header(ALG, "\"ES384\"", "alg is not ES256");
	refuse_header(ALG, "[\"ES256\"]", "alg is not ES256");
	refuse_header(TYP, NULL, "typ is not at+jwt");
	refuse_header(TYP, "\"JWT\"", "typ is not at+jwt");
	refuse_header(TYP, "1", "typ is not at+jwt");
	refuse_header(KID, NULL, "no kid");
	refuse_header(KID, "7", "no kid");
}

static void
a_header_with_a_member_twice_is_refused(void **state)
{
	struct forge_member *header = good_header();

	(void)state;
	header[EXTRA] = (struct forge_member){"alg", "\"none\""};
	assert_refused(forge_es256(arena, known, forge_object(arena, header), good_claims_json()),
	    "not an object of JSON in base64url");
}

/* --- claims ----------------------------------------------------------------------------------- */

static void
claims_of_others_are_refused(void **state)
{
	(void)state;
	refuse_claim(ISS, "\"shop.example\"", "another iss");
	refuse_claim(ISS, "\"Shop\"", "another iss");
	refuse_claim(AUD, "\"bank\"", "another aud");
	refuse_claim(AUD, "[]", "another aud");
	refuse_claim(AUD, "[\"bank\"]", "another aud");
	refuse_claim(AUD, "[\"shop\",7]", "another aud");
	refuse_claim(AUD, "{\"shop\":\"shop\"}", "another aud");
}

static void
missing_claims_are_refused(void **state)
{
	(void)state;
	refuse_claim(ISS, NULL, "another iss");
	refuse_claim(AUD, NULL, "another aud");
	refuse_claim(SUB, NULL, "sub, sid or jti is no UUID");
	refuse_claim(SID, NULL, "sub, sid or jti is no UUID");
	refuse_claim(JTI, NULL, "sub, sid or jti is no UUID");
	refuse_claim(EMAIL, NULL, "no email");
	refuse_claim(ROLES, NULL, "roles is no array of texts");
	refuse_claim(IAT, NULL, "exp or iat is no whole number");
	refuse_claim(EXP, NULL, "exp or iat is no whole number");
}

static void
claims_of_a_wrong_type_are_refused(void **state)
{
	(void)state;
	refuse_claim(ISS, "1", "another iss");
	refuse_claim(SUB, "1", "sub, sid or jti is no UUID");
	refuse_claim(SUB, "\"ann\"", "sub, sid or jti is no UUID");
	refuse_claim(SID, "null", "sub, sid or jti is no UUID");
	refuse_claim(EMAIL, "[\"ann@example.org\"]", "no email");
	refuse_claim(EMAIL, "\"\"", "no email");
	refuse_claim(ROLES, "\"admin\"", "roles is no array of texts");
	refuse_claim(ROLES, "[1]", "roles is no array of texts");
	refuse_claim(EXP, "\"1800000900\"", "exp or iat is no whole number");
	refuse_claim(EXP, "1800000900.5", "exp or iat is no whole number");
	refuse_claim(EXP, "true", "exp or iat is no whole number");
	refuse_claim(EXP, "-1", "expired");
	refuse_claim(NBF, "\"" NOW_TEXT "\"", "not valid yet");
	refuse_claim(NBF, "null", "not valid yet");
}

/* --- forms ------------------------------------------------------------------------------------ */

static void
what_has_not_three_parts_is_refused(void **state)
{
	const char *token = good_token();

	(void)state;
	assert_refused("", "not three parts");
	assert_refused(".", "not three parts");
	assert_refused("a.b", "not three parts");
	assert_refused(arena_printf(arena, "%s.", token), "not three parts");
	assert_refused(arena_printf(arena, "%s.e30", token), "not three parts");
	assert_refused("..", "not an object of JSON in base64url");
}

static void
a_truncated_token_is_refused(void **state)
{
	const char *token = good_token();

	(void)state;
	for (size_t len = 0; len < strlen(token); len += 11) {
		auto_arena struct arena *scratch = NULL;
		struct jwt_claims claims;

		assert_err(ERR_OK, arena_new(64 * 1024, &scratch));
		assert_err(ERR_TOKEN_INVALID,
		    jwt_verify(set, &expect, scratch, arena_memdup(scratch, token, len), &claims,
			NULL, NULL));
	}
}

/* Base64 that others would take: padded, of the other alphabet, with stray bits or spaces. */
static void
loose_base64_is_refused(void **state)
{
	const char *token = good_token();
	const char *first = strchr(token, '.');
	char *stray = arena_strdup(arena, token);

	(void)state;
	assert_refused(arena_printf(arena, "%s=", token), "not a signature of ES256");
	assert_refused(arena_printf(arena, "%s==", token), "not a signature of ES256");
	assert_refused(arena_printf(arena, " %s", token), "not an object of JSON in base64url");
	assert_refused(arena_printf(arena, "%s\n", token), "not a signature of ES256");
	assert_refused(arena_printf(arena, "%.*s=%s", (int)(first - token), token, first),
	    "not an object of JSON in base64url");
	/* 64 bytes end with a character of two bits: its other four must be zero. */
	stray[strlen(stray) - 1]++;
	assert_refused(stray, "not a signature of ES256");
}

static void
parts_that_are_no_objects_are_refused(void **state)
{
	(void)state;
	assert_refused(forge_es256(arena, known, "[]", good_claims_json()),
	    "not an object of JSON in base64url");
	assert_refused(forge_es256(arena, known, "not json", good_claims_json()),
	    "not an object of JSON in base64url");
	assert_refused(forge_es256(arena, known, good_header_json(), "[]"),
	    "not an object of JSON in base64url");
	assert_refused(forge_es256(arena, known, good_header_json(), "{\"iss\":\"shop\""),
	    "not an object of JSON in base64url");
}

static void
a_token_beyond_the_limit_is_refused(void **state)
{
	struct forge_member *claims = good_claims();
	char *email = arena_alloc(arena, JWT_TOKEN_MAX_BYTES + 3);

	(void)state;
	memset(email, 'a', JWT_TOKEN_MAX_BYTES + 2);
	email[0] = email[JWT_TOKEN_MAX_BYTES + 1] = '"';
	claims[EMAIL].json = email;
	assert_refused(
	    forge_es256(arena, known, good_header_json(), forge_object(arena, claims)), "too long");
}

static void
only_true_says_that_the_address_is_verified(void **state)
{
	struct jwt_claims claims;

	(void)state;
	accept_claim(VERIFIED, "false", &claims);
	assert_false(claims.email_verified);
	accept_claim(VERIFIED, NULL, &claims);
	assert_false(claims.email_verified);
	accept_claim(VERIFIED, "\"true\"", &claims);
	assert_false(claims.email_verified);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_header_that_asks_for_more_is_refused),
	    cmocka_unit_test(header_members_of_a_wrong_kind_are_refused),
	    cmocka_unit_test(a_header_with_a_member_twice_is_refused),
	    cmocka_unit_test(claims_of_others_are_refused),
	    cmocka_unit_test(missing_claims_are_refused),
	    cmocka_unit_test(claims_of_a_wrong_type_are_refused),
	    cmocka_unit_test(what_has_not_three_parts_is_refused),
	    cmocka_unit_test(a_truncated_token_is_refused),
	    cmocka_unit_test(loose_base64_is_refused),
	    cmocka_unit_test(parts_that_are_no_objects_are_refused),
	    cmocka_unit_test(a_token_beyond_the_limit_is_refused),
	    cmocka_unit_test(only_true_says_that_the_address_is_verified),
	};

	return cmocka_run_group_tests(tests, tokens_set_up, tokens_tear_down);
}

#include <pthread.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "shared/edge/jwt.h"
#include "shared/edge/principal.h"
#include "tests/unit/edge/tokens.h"

/* --- what is right ---------------------------------------------------------------------------- */

static void
a_good_token_gives_its_claims(void **state)
{
	struct jwt_claims claims;

	(void)state;
	assert_accepted(good_token(), &claims);
	assert_string_equal(claims.issuer, "shop");
	assert_string_equal(claims.audience, "shop");
	assert_string_equal(claims.subject.text, USER);
	assert_string_equal(claims.session_id.text, SESSION);
	assert_string_equal(claims.token_id.text, TOKEN);
	assert_string_equal(claims.email, "ann@example.org");
	assert_true(claims.email_verified);
	assert_int_equal(claims.roles, ROLE_CUSTOMER);
	assert_int_equal(claims.issued_at_s, NOW_S);
	assert_int_equal(claims.expires_at_s, NOW_S + 900);
}

static void
what_is_signed_is_accepted_with_the_same_claims(void **state)
{
	const char *pem = forge_pem(arena, known, true);
	auto_jwt_key struct jwt_key *key = NULL;
	struct jwt_claims back;
	const char *token;
	struct jwt_claims claims = {
	    .issuer = "shop",
	    .audience = "shop",
	    .subject = {USER},
	    .session_id = {SESSION},
	    .token_id = {TOKEN},
	    .email = "jörg \"x\"@example.org",
	    .email_verified = true,
	    .roles = ROLE_CUSTOMER | ROLE_ADMIN,
	    .issued_at_s = NOW_S,
	    .expires_at_s = NOW_S + 900,
	};

	(void)state;
	assert_err(ERR_OK, jwt_key_from_pem(span_of(pem, strlen(pem)), &key));
	assert_err(ERR_OK, jwt_sign(key, &claims, arena, &token));
	assert_accepted(token, &back);
	assert_string_equal(back.subject.text, claims.subject.text);
	assert_string_equal(back.session_id.text, claims.session_id.text);
	assert_string_equal(back.token_id.text, claims.token_id.text);
	assert_string_equal(back.email, claims.email);
	assert_true(back.email_verified);
	assert_int_equal(back.roles, claims.roles);
	assert_int_equal(back.issued_at_s, claims.issued_at_s);
	assert_int_equal(back.expires_at_s, claims.expires_at_s);
}

static void
the_header_that_is_signed_names_type_algorithm_and_key(void **state)
{
	const char *pem = forge_pem(arena, known, true);
	auto_jwt_key struct jwt_key *key = NULL;
	struct jwt_claims claims = {.issuer = "i", .audience = "a", .email = "e"};
	struct span header;
	const char *token;

	(void)state;
	assert_err(ERR_OK, jwt_key_from_pem(span_of(pem, strlen(pem)), &key));
	assert_err(ERR_OK, jwt_sign(key, &claims, arena, &token));
	assert_err(ERR_OK, base64url_decode(arena, token, strcspn(token, "."), &header));
	assert_string_equal(arena_memdup(arena, header.data, header.len),
	    arena_printf(
		arena, "{\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"at+jwt\"}", jwt_key_id(key)));
}

static void
the_type_may_be_a_whole_media_type_in_any_case(void **state)
{
	struct forge_member *header = good_header();
	struct jwt_claims claims;

	(void)state;
	header[TYP].json = "\"application/AT+JWT\"";
	assert_accepted(
	    forge_es256(arena, known, forge_object(arena, header), good_claims_json()), &claims);
}

static void
the_audience_may_be_one_of_several(void **state)
{
	struct jwt_claims claims;

	(void)state;
	accept_claim(AUD, "[\"bank\",\"shop\"]", &claims);
	assert_string_equal(claims.audience, "shop");
}

static void
roles_we_do_not_know_give_nothing(void **state)
{
	struct jwt_claims claims;

	(void)state;
	accept_claim(ROLES, "[\"root\",\"admin\",\"\"]", &claims);
	assert_int_equal(claims.roles, ROLE_ADMIN);
	accept_claim(ROLES, "[]", &claims);
	assert_int_equal(claims.roles, 0);
}

static void
clocks_may_differ_by_the_skew(void **state)
{
	struct jwt_claims claims;

	(void)state;
	accept_claim(EXP, "1799999996", &claims);
	accept_claim(IAT, "1800000005", &claims);
	accept_claim(NBF, "1800000005", &claims);
	refuse_claim(EXP, "1799999995", "expired");
	refuse_claim(IAT, "1800000006", "issued in the future");
	refuse_claim(NBF, "1800000006", "not valid yet");
}

/* --- forged signatures ------------------------------------------------------------------------ */

static void
alg_none_is_refused(void **state)
{
	static const char *const spellings[] = {"\"none\"", "\"None\"", "\"NONE\"", "\"\""};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(spellings); i++) {
		struct forge_member *header = good_header();

		header[ALG].json = spellings[i];
		assert_refused(forge_none(arena, forge_object(arena, header), good_claims_json()),
		    "alg is not ES256");
	}
	/* A good header, and no signature. */
	assert_refused(
	    forge_none(arena, good_header_json(), good_claims_json()), "not a signature of ES256");
}

static void
hs256_signed_with_the_public_key_is_refused(void **state)
{
	const char *pem = forge_pem(arena, known, false);
	struct forge_member *header = good_header();
	const char *claims = good_claims_json();

	(void)state;
	header[ALG].json = "\"HS256\"";
	assert_refused(forge_hs256(arena, pem, strlen(pem), forge_object(arena, header), claims),
	    "alg is not ES256");
	assert_refused(
	    forge_hs256(arena, pem, strlen(pem) - 1, forge_object(arena, header), claims),
	    "alg is not ES256");
	assert_refused(forge_hs256(arena, pem, strlen(pem), good_header_json(), claims),
	    "not a signature of ES256");
}

static void
hs256_with_an_empty_key_is_refused(void **state)
{
	struct forge_member *header = good_header();

	(void)state;
	header[ALG].json = "\"HS256\"";
	assert_refused(forge_hs256(arena, "", 0, forge_object(arena, header), good_claims_json()),
	    "alg is not ES256");
}

static void
rs256_is_refused(void **state)
{
	struct forge_member *header = good_header();

	(void)state;
	header[ALG].json = "\"RS256\"";
	assert_refused(forge_rs256(arena, rsa, forge_object(arena, header), good_claims_json()),
	    "alg is not ES256");
	assert_refused(forge_rs256(arena, rsa, good_header_json(), good_claims_json()),
	    "not a signature of ES256");
}

static void
another_key_under_a_known_kid_is_refused(void **state)
{
	(void)state;
	assert_refused(forge_es256(arena, stranger, good_header_json(), good_claims_json()),
	    "the signature does not fit");
}

static void
an_unknown_kid_is_told_apart(void **state)
{
	(void)state;
	refuse_header(KID, "\"nobody\"", "unknown kid");
	refuse_header(KID, "\"\"", "unknown kid");
	refuse_header(KID, "\"../../etc/passwd\"", "unknown kid");
}

static void
a_key_that_left_the_set_is_unknown(void **state)
{
	const char *pem = forge_pem(arena, stranger, true);
	auto_jwt_key_set struct jwt_key_set *newer = NULL;
	struct jwt_key *key = NULL;
	struct jwt_claims claims;
	bool unknown_kid = false;

	(void)state;
	assert_err(ERR_OK, jwt_key_from_pem(span_of(pem, strlen(pem)), &key));
	assert_err(ERR_OK, jwt_key_set_new(&newer));
	assert_err(ERR_OK, jwt_key_set_add(newer, &key));
	assert_err(ERR_TOKEN_INVALID,
	    jwt_verify(newer, &expect, arena, good_token(), &claims, &unknown_kid, NULL));
	assert_true(unknown_kid);
}

/* CVE-2022-21449: r = s = 0 fitted every message. */
static void
a_signature_of_zeros_is_refused(void **state)
{
	const char *message = forge_signed_part(arena, good_header_json(), good_claims_json());
	/* The order of P-256, which is zero modulo itself. */
	static const unsigned char order[32] = {
	    0xff,
	    0xff,
	    0xff,
	    0xff,
	    0x00,
	    0x00,
	    0x00,
	    0x00,
	    0xff,
	    0xff,
	    0xff,
	    0xff,
	    0xff,
	    0xff,
	    0xff,
	    0xff,
	    0xbc,
	    0xe6,
	    0xfa,
	    0xad,
	    0xa7,
	    0x17,
	    0x9e,
	    0x84,
	    0xf3,
	    0xb9,
	    0xca,
	    0xc2,
	    0xfc,
	    0x63,
	    0x25,
	    0x51,
	};
	unsigned char raw[64] = {0};

	(void)state;
	assert_refused(forge_join(arena, message, raw, sizeof(raw)), "the signature does not fit");
	memcpy(raw, order, sizeof(order));
	memcpy(raw + 32, order, sizeof(order));
	assert_refused(forge_join(arena, message, raw, sizeof(raw)), "the signature does not fit");
	memset(raw, 0xff, sizeof(raw));
	assert_refused(forge_join(arena, message, raw, sizeof(raw)), "the signature does not fit");
}

static void
a_signature_of_another_length_is_refused(void **state)
{
	const char *message = forge_signed_part(arena, good_header_json(), good_claims_json());
	unsigned char der[512];
	size_t len = forge_raw_signature(known, message, der);

	(void)state;
	assert_refused(forge_join(arena, message, der, len), "not a signature of ES256");
	assert_refused(forge_join(arena, message, der, 63), "not a signature of ES256");
	assert_refused(forge_join(arena, message, der, 65), "not a signature of ES256");
}

/* Every single bit counts: of header, claims and signature. */
static void
a_changed_token_is_refused(void **state)
{
	const char *token = good_token();
	size_t len = strlen(token);

	(void)state;
	for (size_t i = 0; i < len; i += 7) {
		auto_arena struct arena *scratch = NULL;
		struct jwt_claims claims;
		char *changed;

		assert_err(ERR_OK, arena_new(64 * 1024, &scratch));
		changed = arena_strdup(scratch, token);
		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		assert_err(ERR_TOKEN_INVALID,
		    jwt_verify(set, &expect, scratch, changed, &claims, NULL, NULL));
	}
}

static void
other_claims_under_the_same_signature_are_refused(void **state)
{
	const char *token = good_token();
	struct forge_member *claims = good_claims();
	const char *signature = strrchr(token, '.');

	(void)state;
	claims[ROLES].json = "[\"admin\"]";
	assert_refused(
	    arena_printf(arena, "%s%s",
		forge_signed_part(arena, good_header_json(), forge_object(arena, claims)),
		signature),
	    "the signature does not fit");
}

/* --- threads ---------------------------------------------------------------------------------- */

static void *
verify_often(void *token)
{
	struct jwt_key_set *mine = jwt_key_set_ref(set);
	struct arena *own = NULL;
	size_t accepted = 0;

	check(arena_new(64 * 1024, &own) == ERR_OK);
	for (int i = 0; i < 50; i++) {
		struct jwt_claims claims;

		arena_reset(own);
		accepted += jwt_verify(mine, &expect, own, token, &claims, NULL, NULL) == ERR_OK;
	}
	arena_free(&own);
	jwt_key_set_unref(&mine);
	return (void *)(uintptr_t)accepted;
}

static void
threads_share_a_set(void **state)
{
	char *token = arena_strdup(arena, good_token());
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, verify_often, token), 0);
	for (size_t i = 0; i < 4; i++) {
		void *accepted;

		assert_int_equal(pthread_join(threads[i], &accepted), 0);
		assert_int_equal((uintptr_t)accepted, 50);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_token_gives_its_claims),
	    cmocka_unit_test(what_is_signed_is_accepted_with_the_same_claims),
	    cmocka_unit_test(the_header_that_is_signed_names_type_algorithm_and_key),
	    cmocka_unit_test(the_type_may_be_a_whole_media_type_in_any_case),
	    cmocka_unit_test(the_audience_may_be_one_of_several),
	    cmocka_unit_test(roles_we_do_not_know_give_nothing),
	    cmocka_unit_test(clocks_may_differ_by_the_skew),
	    cmocka_unit_test(alg_none_is_refused),
	    cmocka_unit_test(hs256_signed_with_the_public_key_is_refused),
	    cmocka_unit_test(hs256_with_an_empty_key_is_refused),
	    cmocka_unit_test(rs256_is_refused),
	    cmocka_unit_test(another_key_under_a_known_kid_is_refused),
	    cmocka_unit_test(an_unknown_kid_is_told_apart),
	    cmocka_unit_test(a_key_that_left_the_set_is_unknown),
	    cmocka_unit_test(a_signature_of_zeros_is_refused),
	    cmocka_unit_test(a_signature_of_another_length_is_refused),
	    cmocka_unit_test(a_changed_token_is_refused),
	    cmocka_unit_test(other_claims_under_the_same_signature_are_refused),
	    cmocka_unit_test(threads_share_a_set),
	};

	return cmocka_run_group_tests(tests, tokens_set_up, tokens_tear_down);
}

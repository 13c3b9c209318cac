/*
 * tests/unit/edge/tokens: good tokens, each part of which a test may bend.
 *
 * One set holds the key `known`; tokens are forged by OpenSSL, as whoever attacks would.
 */
#ifndef TESTS_UNIT_EDGE_TOKENS_H
#define TESTS_UNIT_EDGE_TOKENS_H

#include <string.h>

#include "tests/unit/unit.h"

#include "shared/edge/jwt.h"
#include "tests/unit/edge/forge.h"

#define NOW_S    1800000000
#define NOW_TEXT "1800000000"
#define USER     "0190a1b2-0000-7000-8000-000000000001"
#define SESSION  "0190a1b2-0000-7000-8000-000000000002"
#define TOKEN    "0190a1b2-0000-7000-8000-000000000003"

/* A P-256 key known to the set, one that is not, and an RSA key: made once. */
static EVP_PKEY *known;
static EVP_PKEY *stranger;
static EVP_PKEY *rsa;
static struct jwt_key_set *set;
static const char *kid; /* of `known` */
static const char *kid_json;
static struct arena *arena;
static struct arena *long_lived;

static const struct jwt_expect expect = {.issuer = "shop", .audience = "shop", .now_s = NOW_S};

enum { ALG, TYP, KID, EXTRA };

static inline struct forge_member *
good_header(void)
{
	struct forge_member members[] = {
	    [ALG] = {"alg", "\"ES256\""},
	    [TYP] = {"typ", "\"at+jwt\""},
	    [KID] = {"kid", kid_json},
	    [EXTRA] = {"extra", NULL},
	    {NULL, NULL},
	};

	return memcpy(arena_alloc(arena, sizeof(members)), members, sizeof(members));
}

enum { ISS, AUD, SUB, SID, JTI, EMAIL, VERIFIED, ROLES, IAT, EXP, NBF };

static inline struct forge_member *
good_claims(void)
{
	struct forge_member members[] = {
	    [ISS] = {"iss", "\"shop\""},
	    [AUD] = {"aud", "\"shop\""},
	    [SUB] = {"sub", "\"" USER "\""},
	    [SID] = {"sid", "\"" SESSION "\""},
	    [JTI] = {"jti", "\"" TOKEN "\""},
	    [EMAIL] = {"email", "\"ann@example.org\""},
	    [VERIFIED] = {"email_verified", "true"},
	    [ROLES] = {"roles", "[\"customer\"]"},
	    [IAT] = {"iat", NOW_TEXT},
	    [EXP] = {"exp", "1800000900"},
	    [NBF] = {"nbf", NULL},
	    {NULL, NULL},
	};

	return memcpy(arena_alloc(arena, sizeof(members)), members, sizeof(members));
}

static inline const char *
good_header_json(void)
{
	return forge_object(arena, good_header());
}

static inline const char *
good_claims_json(void)
{
	return forge_object(arena, good_claims());
}

static inline const char *
good_token(void)
{
	return forge_es256(arena, known, good_header_json(), good_claims_json());
}

static inline void
assert_refused(const char *token, const char *reason)
{
	struct jwt_claims claims;
	bool unknown_kid = true;
	const char *why = "";

	assert_err(
	    ERR_TOKEN_INVALID, jwt_verify(set, &expect, arena, token, &claims, &unknown_kid, &why));
	assert_string_equal(why, reason);
	assert_int_equal(unknown_kid, str_equal(reason, "unknown kid"));
}

static inline void
assert_accepted(const char *token, struct jwt_claims *claims)
{
	bool unknown_kid = true;
	const char *why = "";
	enum err err = jwt_verify(set, &expect, arena, token, claims, &unknown_kid, &why);

	if (err != ERR_OK)
		print_error("refused: %s\n", why);
	assert_err(ERR_OK, err);
	assert_false(unknown_kid);
}

static inline void
refuse_header(int member, const char *json, const char *reason)
{
	struct forge_member *header = good_header();

	header[member].json = json;
	assert_refused(
	    forge_es256(arena, known, forge_object(arena, header), good_claims_json()), reason);
}

static inline void
refuse_claim(int member, const char *json, const char *reason)
{
	struct forge_member *claims = good_claims();

	claims[member].json = json;
	assert_refused(
	    forge_es256(arena, known, good_header_json(), forge_object(arena, claims)), reason);
}

static inline void
accept_claim(int member, const char *json, struct jwt_claims *out)
{
	struct forge_member *claims = good_claims();

	claims[member].json = json;
	assert_accepted(
	    forge_es256(arena, known, good_header_json(), forge_object(arena, claims)), out);
}

static inline int
tokens_set_up(void **state)
{
	struct jwt_key *key = NULL;
	const char *pem;

	(void)state;
	check(arena_new(1024 * 1024, &long_lived) == ERR_OK);
	known = EVP_EC_gen("P-256");
	stranger = EVP_EC_gen("P-256");
	rsa = EVP_RSA_gen(2048);
	pem = forge_pem(long_lived, known, true);
	check(jwt_key_from_pem(span_of(pem, strlen(pem)), &key) == ERR_OK);
	kid = arena_strdup(long_lived, jwt_key_id(key));
	kid_json = arena_printf(long_lived, "\"%s\"", kid);
	check(jwt_key_set_new(&set) == ERR_OK && jwt_key_set_add(set, &key) == ERR_OK);
	return arena_new(8 * 1024 * 1024, &arena) == ERR_OK ? 0 : -1;
}

static inline int
tokens_tear_down(void **state)
{
	(void)state;
	EVP_PKEY_free(known);
	EVP_PKEY_free(stranger);
	EVP_PKEY_free(rsa);
	jwt_key_set_unref(&set);
	arena_free(&arena);
	arena_free(&long_lived);
	return 0;
}

#endif

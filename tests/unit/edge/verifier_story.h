/*
 * tests/unit/edge/verifier_story: a verifier and the auth it asks, anew for each story.
 */
#ifndef TESTS_UNIT_EDGE_VERIFIER_STORY_H
#define TESTS_UNIT_EDGE_VERIFIER_STORY_H

#include <string.h>
#include <time.h>

#include "tests/unit/unit.h"

#include "shared/base/clock.h"
#include "shared/edge/verifier.h"
#include "tests/unit/edge/tokens.h"
#include "tests/unit/infra/http_server.h"

#define JWKS        "/auth/.well-known/jwks.json"
#define REVOKED     "/auth/revoked"
#define OFTEN_MS    10
#define RARELY_MS   3600000
#define PATIENCE_MS 30000

static struct http_server auth;
static struct verifier *verifier;
static struct authenticator authenticator;

static inline int64_t
token_time_ms(void *context)
{
	(void)context;
	return INT64_C(1000) * NOW_S;
}

static inline int64_t
real_monotonic_ms(void *context)
{
	(void)context;
	return clock_monotonic_ms(&clock_system);
}

static const struct clock test_clock = {
    .realtime_ms = token_time_ms, .monotonic_ms = real_monotonic_ms};

/* The JWKS of a key, or of two. */
static inline const char *
jwks_of(EVP_PKEY *one, EVP_PKEY *other)
{
	auto_jwt_key_set struct jwt_key_set *keys = NULL;
	EVP_PKEY *const pkeys[] = {one, other};
	auto_buf struct buf json;

	buf_init(&json, 4096);
	check(jwt_key_set_new(&keys) == ERR_OK);
	for (size_t i = 0; i < 2 && pkeys[i] != NULL; i++) {
		const char *pem = forge_pem(arena, pkeys[i], true);
		struct jwt_key *key = NULL;

		check(jwt_key_from_pem(span_of(pem, strlen(pem)), &key) == ERR_OK);
		check(jwt_key_set_add(keys, &key) == ERR_OK);
	}
	jwks_write(keys, &json);
	return arena_strdup(arena, json.data);
}

static inline const char *
token_by(EVP_PKEY *pkey, const char *key_id, const char *sid)
{
	struct forge_member *header = good_header();
	struct forge_member *claims = good_claims();

	header[KID].json = arena_printf(arena, "\"%s\"", key_id);
	claims[SID].json = arena_printf(arena, "\"%s\"", sid);
	return forge_es256(arena, pkey, forge_object(arena, header), forge_object(arena, claims));
}

static inline const char *
id_of(EVP_PKEY *pkey)
{
	const char *pem = forge_pem(arena, pkey, true);
	auto_jwt_key struct jwt_key *key = NULL;

	check(jwt_key_from_pem(span_of(pem, strlen(pem)), &key) == ERR_OK);
	return arena_strdup(arena, jwt_key_id(key));
}

static inline enum err
verify(const char *token)
{
	auto_arena struct arena *own = NULL;
	struct principal principal;

	check(arena_new(64 * 1024, &own) == ERR_OK);
	return authenticator.verify(authenticator.context, own, token, &principal);
}

static inline int64_t
now_ms(void)
{
	return clock_monotonic_ms(&clock_system);
}

/* Asks again and again, as a client would, until TOKEN gives WANTED. */
static inline void
await_verdict(enum err wanted, const char *token)
{
	const struct timespec pause = {.tv_nsec = 2000000};
	int64_t until_ms = now_ms() + PATIENCE_MS;
	enum err err = verify(token);

	while (err != wanted && now_ms() < until_ms) {
		(void)nanosleep(&pause, NULL);
		err = verify(token);
	}
	assert_err(wanted, err);
}

static inline void
nobody_revoked(void)
{
	http_server_say(
	    &auth, REVOKED, 200, "{\"sessions\":[],\"now\":\"2027-01-15T08:00:00.000Z\"}", "");
}

static inline void
revoked(const char *sid)
{
	http_server_say(&auth, REVOKED, 200,
	    arena_printf(arena,
		"{\"sessions\":[{\"sid\":\"%s\",\"at\":\"2027-01-15T07:59:59.000Z\"}],"
		"\"now\":\"2027-01-15T08:00:00.000Z\"}",
		sid),
	    "");
}

static inline void
start(int64_t poll_ms)
{
	const struct verifier_settings settings = {.auth_url = auth.url,
	    .tokens = {.issuer = "shop", .audience = "shop"},
	    .poll_ms = poll_ms};

	assert_err(ERR_OK, verifier_new(&settings, &test_clock, &verifier));
	authenticator = verifier_authenticator(verifier);
	assert_err(ERR_OK, verifier_start(verifier));
}

/* Two more questions: by the second one the answer to the first was taken in. */
static inline void
await_poll(void)
{
	assert_true(http_server_await(&auth, REVOKED, 2));
}

static inline int
each_set_up(void **state)
{
	(void)state;
	http_server_start(&auth);
	http_server_say(&auth, JWKS, 200, jwks_of(known, NULL), "");
	nobody_revoked();
	return 0;
}

static inline int
each_tear_down(void **state)
{
	(void)state;
	verifier_free(&verifier);
	http_server_stop(&auth);
	return 0;
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, each_set_up, each_tear_down)

#endif

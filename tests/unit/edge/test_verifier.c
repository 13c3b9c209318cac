#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "tests/unit/edge/verifier_story.h"

static void
a_good_token_gives_a_principal_again_and_again(void **state)
{
	const char *token = good_token();

	(void)state;
	start(OFTEN_MS);
	await_verdict(ERR_OK, token);
	for (int i = 0; i < 3; i++) { /* from the second on it is remembered */
		struct principal principal;

		assert_err(
		    ERR_OK, authenticator.verify(authenticator.context, arena, token, &principal));
		assert_string_equal(principal.user_id.text, USER);
		assert_string_equal(principal.session_id.text, SESSION);
		assert_string_equal(principal.email, "ann@example.org");
		assert_true(principal.email_verified);
		assert_int_equal(principal.roles, ROLE_CUSTOMER);
		assert_int_equal(principal.expires_at_s, NOW_S + 900);
	}
}

static void
a_bad_token_is_invalid(void **state)
{
	struct forge_member *header = good_header();
	struct forge_member *claims = good_claims();
	char *changed = arena_strdup(arena, good_token());
	char *endless = arena_alloc(arena, 100001);

	(void)state;
	start(OFTEN_MS);
	await_verdict(ERR_OK, good_token());
	header[ALG].json = "\"none\"";
	assert_err(ERR_TOKEN_INVALID,
	    verify(forge_none(arena, forge_object(arena, header), good_claims_json())));
	claims[AUD].json = "\"bank\"";
	assert_err(ERR_TOKEN_INVALID,
	    verify(forge_es256(arena, known, good_header_json(), forge_object(arena, claims))));
	claims[AUD].json = "\"shop\"";
	claims[EXP].json = "1799999000";
	assert_err(ERR_TOKEN_INVALID,
	    verify(forge_es256(arena, known, good_header_json(), forge_object(arena, claims))));
	changed[strlen(changed) / 2] ^= 1;
	assert_err(ERR_TOKEN_INVALID, verify(changed));
	memset(endless, 'a', 100000);
	assert_err(ERR_TOKEN_INVALID, verify(endless));
	assert_err(ERR_TOKEN_INVALID, verify(""));
}

static void
until_auth_answered_nobody_knows(void **state)
{
	(void)state;
	http_server_say(&auth, JWKS, 503, "", "");
	start(OFTEN_MS);
	assert_int_equal(verifier_age_ms(verifier), -1);
	assert_true(http_server_await(&auth, JWKS, 2));
	assert_err(ERR_UNAVAILABLE, verify(good_token()));
	/* Keys alone are not enough: the session may have ended. */
	http_server_say(&auth, REVOKED, 503, "", "");
	http_server_say(&auth, JWKS, 200, jwks_of(known, NULL), "");
	await_poll();
	assert_err(ERR_UNAVAILABLE, verify(good_token()));
	assert_int_equal(verifier_age_ms(verifier), -1);
	nobody_revoked();
	await_verdict(ERR_OK, good_token());
	assert_true(verifier_age_ms(verifier) >= 0);
}

static void
a_session_that_ended_is_refused_by_the_next_poll(void **state)
{
	const char *token = good_token();

	(void)state;
	start(OFTEN_MS);
	await_verdict(ERR_OK, token);
	revoked("0190a1b2-0000-7000-8000-00000000ffff"); /* another one */
	await_poll();
	assert_err(ERR_OK, verify(token));
	revoked(SESSION);
	await_poll();
	assert_err(ERR_TOKEN_INVALID, verify(token));
	/* And stays so, when the list names it no longer. */
	nobody_revoked();
	await_poll();
	assert_err(ERR_TOKEN_INVALID, verify(token));
}

static void
a_key_that_was_removed_is_refused_by_the_next_poll(void **state)
{
	const char *old = good_token();

	(void)state;
	start(OFTEN_MS);
	await_verdict(ERR_OK, old);
	http_server_say(&auth, JWKS, 200, jwks_of(stranger, NULL), "");
	await_poll();
	assert_err(ERR_TOKEN_INVALID, verify(old));
	assert_err(ERR_OK, verify(token_by(stranger, id_of(stranger), SESSION)));
}

static void
while_keys_rotate_none_is_refused(void **state)
{
	const char *old = good_token();
	const char *newer = token_by(stranger, id_of(stranger), SESSION);

	(void)state;
	start(OFTEN_MS);
	await_verdict(ERR_OK, old);
	for (int i = 0; i < 3; i++) {
		http_server_say(&auth, JWKS, 200, jwks_of(known, stranger), "");
		await_poll();
		assert_err(ERR_OK, verify(old));
		assert_err(ERR_OK, verify(newer));
		http_server_say(&auth, JWKS, 200, jwks_of(known, NULL), "");
		await_poll();
		assert_err(ERR_OK, verify(old));
		assert_err(ERR_TOKEN_INVALID, verify(newer));
	}
}

static void
an_unknown_kid_is_asked_for_out_of_turn(void **state)
{
	(void)state;
	start(RARELY_MS);
	await_verdict(ERR_OK, good_token());
	http_server_say(&auth, JWKS, 200, jwks_of(known, stranger), "");
	await_verdict(ERR_OK, token_by(stranger, id_of(stranger), SESSION));
	assert_err(ERR_OK, verify(good_token()));
	assert_int_equal(http_server_row(&auth, REVOKED).asked, 1);
}

static void
invented_kids_ask_once_a_second_at_most(void **state)
{
	int64_t began_ms;
	unsigned asked;

	(void)state;
	start(RARELY_MS);
	await_verdict(ERR_OK, good_token());
	began_ms = now_ms();
	asked = http_server_row(&auth, JWKS).asked;
	for (int i = 0; i < 100; i++)
		assert_err(ERR_TOKEN_INVALID,
		    verify(token_by(known, arena_printf(arena, "kid-%d", i), SESSION)));
	asked = http_server_row(&auth, JWKS).asked - asked;
	assert_true(asked <= (now_ms() - began_ms) / 1000 + 1);
}

static void
with_auth_away_it_goes_on_with_what_it_knows(void **state)
{
	const char *other = token_by(known, kid, "0190a1b2-0000-7000-8000-00000000aaaa");

	(void)state;
	revoked(SESSION);
	start(OFTEN_MS);
	await_verdict(ERR_OK, other);
	http_server_say(&auth, JWKS, 500, "", "");
	http_server_say(&auth, REVOKED, 500, "", "");
	assert_true(http_server_await(&auth, JWKS, 2));
	assert_err(ERR_OK, verify(other));
	assert_err(ERR_TOKEN_INVALID, verify(good_token()));
	assert_err(ERR_TOKEN_INVALID, verify(token_by(stranger, "who", SESSION)));
	http_server_say(&auth, JWKS, 200, "<html>not keys</html>", "");
	assert_true(http_server_await(&auth, JWKS, 2));
	assert_err(ERR_OK, verify(other));
	http_server_stop(&auth); /* gone altogether */
	assert_err(ERR_OK, verify(other));
	assert_true(verifier_age_ms(verifier) >= 0);
}

static void
what_did_not_change_is_asked_for_with_its_etag(void **state)
{
	struct http_row row;

	(void)state;
	http_server_say(&auth, JWKS, 200, jwks_of(known, NULL), "\"keys-1\"");
	http_server_say(&auth, REVOKED, 200,
	    "{\"sessions\":[],\"now\":\"2027-01-15T08:00:00.000Z\"}", "\"list-1\"");
	start(OFTEN_MS);
	await_verdict(ERR_OK, good_token());
	await_poll();
	await_poll();
	assert_string_equal(http_server_row(&auth, JWKS).if_none_match, "\"keys-1\"");
	row = http_server_row(&auth, REVOKED);
	assert_string_equal(row.if_none_match, "\"list-1\"");
	/* From a little before the last answer: what was being committed then is in the next. */
	assert_string_equal(row.since, "2027-01-15T07:59:30.000Z");
	assert_err(ERR_OK, verify(good_token()));
}

static void
after_a_failure_the_whole_list_is_asked_for(void **state)
{
	struct http_row row;

	(void)state;
	start(OFTEN_MS);
	await_verdict(ERR_OK, good_token());
	await_poll();
	assert_string_not_equal(http_server_row(&auth, REVOKED).since, "");
	http_server_say(&auth, REVOKED, 500, "", "");
	await_poll();
	await_poll();
	row = http_server_row(&auth, REVOKED);
	assert_string_equal(row.since, "");
	assert_string_equal(row.if_none_match, "");
}

static void
it_stops_while_auth_says_nothing(void **state)
{
	(void)state;
	http_server_hang(&auth, JWKS, true);
	start(OFTEN_MS);
	assert_true(http_server_await(&auth, JWKS, 1));
	verifier_free(&verifier);
	assert_null(verifier);
}

static void
one_that_never_started_is_freed(void **state)
{
	const struct verifier_settings settings = {.auth_url = auth.url,
	    .tokens = {.issuer = "shop", .audience = "shop"},
	    .poll_ms = OFTEN_MS};

	(void)state;
	assert_err(ERR_OK, verifier_new(&settings, &test_clock, &verifier));
	authenticator = verifier_authenticator(verifier);
	assert_err(ERR_UNAVAILABLE, verify(good_token()));
	verifier_free(&verifier);
	verifier_free(&verifier);
}

static atomic_bool enough;

static void *
verify_until_enough(void *token)
{
	size_t refused = 0;

	while (!atomic_load(&enough))
		refused += verify(token) != ERR_OK;
	return (void *)(uintptr_t)refused;
}

static void
threads_verify_while_keys_and_lists_change(void **state)
{
	char *token = arena_strdup(arena, good_token());
	pthread_t threads[3];

	(void)state;
	start(OFTEN_MS);
	await_verdict(ERR_OK, token);
	atomic_store(&enough, false);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, verify_until_enough, token), 0);
	for (unsigned i = 0; i < 6; i++) {
		revoked(arena_printf(arena, "0190a1b2-0000-7000-8000-00000000fff%u", i));
		http_server_say(&auth, JWKS, 200, jwks_of(known, i % 2 == 0 ? stranger : NULL), "");
		await_poll();
	}
	atomic_store(&enough, true);
	for (size_t i = 0; i < 3; i++) {
		void *refused;

		assert_int_equal(pthread_join(threads[i], &refused), 0);
		assert_int_equal((uintptr_t)refused, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORY(a_good_token_gives_a_principal_again_and_again),
	    STORY(a_bad_token_is_invalid),
	    STORY(until_auth_answered_nobody_knows),
	    STORY(a_session_that_ended_is_refused_by_the_next_poll),
	    STORY(a_key_that_was_removed_is_refused_by_the_next_poll),
	    STORY(while_keys_rotate_none_is_refused),
	    STORY(an_unknown_kid_is_asked_for_out_of_turn),
	    STORY(invented_kids_ask_once_a_second_at_most),
	    STORY(with_auth_away_it_goes_on_with_what_it_knows),
	    STORY(what_did_not_change_is_asked_for_with_its_etag),
	    STORY(after_a_failure_the_whole_list_is_asked_for),
	    STORY(it_stops_while_auth_says_nothing),
	    STORY(one_that_never_started_is_freed),
	    STORY(threads_verify_while_keys_and_lists_change),
	};

	return cmocka_run_group_tests(tests, tokens_set_up, tokens_tear_down);
}

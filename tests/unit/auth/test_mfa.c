#include <liboath/oath.h>
#include <stdlib.h>

#include "tests/unit/auth/auth_rig.h"

#include "fcgi/auth/account_flow.h"
#include "fcgi/auth/mfa_flow.h"
#include "fcgi/auth/session_flow.h"
#include "fcgi/auth/totp.h"
#include "shared/edge/principal.h"

#define RIGHT "analytical engine"

/* Ada, signed in, and what her app knows. */
static struct {
	struct user user;
	struct principal principal;
	struct totp_offer offer;
	struct recovery_codes codes;
} ada;

static enum err
sign_in(struct tokens *out)
{
	const struct credentials credentials = {ada.user.email, RIGHT};

	return session_sign_in(&rig.app, &rig.call, &credentials, out);
}

/* What her app shows STEPS from now. */
static const char *
code_in(int64_t steps)
{
	char text[TOTP_DIGITS + 1];
	char *secret = NULL;
	size_t len = 0;

	assert_int_equal(
	    oath_base32_decode(ada.offer.secret, strlen(ada.offer.secret), &secret, &len), OATH_OK);
	assert_int_equal(
	    oath_hotp_generate(secret, len, (uint64_t)(rig.call.now_ms / 30000 + steps),
		TOTP_DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION, text),
	    OATH_OK);
	free(secret);
	return arena_strdup(rig.call.arena, text);
}

static int
setup(void **state)
{
	const struct registration registration = {.email = "ada@example.org",
	    .email_key = "ada@example.org",
	    .password = RIGHT,
	    .name = "A"};
	struct tokens tokens;

	(void)rig_call(state);
	(void)sql("DELETE FROM sessions");
	(void)sql("DELETE FROM users");
	(void)sql("DELETE FROM login_failures");
	assert_err(ERR_OK, totp_init());
	assert_err(ERR_OK, account_register(&rig.app, &rig.call, &registration, &ada.user));
	assert_err(ERR_OK, sign_in(&tokens));
	ada.principal = (struct principal){.user_id = ada.user.id};
	assert_err(ERR_OK, id_parse(sql("SELECT id FROM sessions"), &ada.principal.session_id));
	return 0;
}

static int
setup_confirmed(void **state)
{
	assert_int_equal(setup(state), 0);
	assert_err(ERR_OK, mfa_begin(&rig.app, &rig.call, &ada.principal, &ada.offer));
	assert_err(
	    ERR_OK, mfa_confirm(&rig.app, &rig.call, &ada.principal, code_in(-1), &ada.codes));
	return 0;
}

static const char *
challenge(void)
{
	struct tokens tokens;

	assert_err(ERR_MFA_REQUIRED, sign_in(&tokens));
	assert_non_null(rig.fault.mfa_token);
	return rig.fault.mfa_token;
}

static enum err
answer(const char *token, const char *code)
{
	const struct mfa_answer given = {token, code};
	struct tokens tokens;

	return session_sign_in_by_code(&rig.app, &rig.call, &given, &tokens);
}

static void
test_it_counts_from_its_confirmation_on(void **state)
{
	struct recovery_codes codes;
	struct totp_offer second;
	struct tokens tokens;

	(void)state;
	assert_err(
	    ERR_CONFLICT, mfa_confirm(&rig.app, &rig.call, &ada.principal, "000000", &codes));
	assert_err(ERR_OK, mfa_begin(&rig.app, &rig.call, &ada.principal, &second));
	assert_err(ERR_OK, sign_in(&tokens));
	/* Begun anew, the first secret is of no use. */
	ada.offer = second;
	assert_err(ERR_OK, mfa_begin(&rig.app, &rig.call, &ada.principal, &second));
	assert_err(
	    ERR_WRONG_CODE, mfa_confirm(&rig.app, &rig.call, &ada.principal, code_in(0), &codes));
	ada.offer = second;
	assert_err(ERR_OK, mfa_confirm(&rig.app, &rig.call, &ada.principal, code_in(0), &codes));
	assert_err(ERR_MFA_REQUIRED, sign_in(&tokens));
	assert_err(ERR_CONFLICT, mfa_begin(&rig.app, &rig.call, &ada.principal, &second));
	assert_err(
	    ERR_CONFLICT, mfa_confirm(&rig.app, &rig.call, &ada.principal, code_in(1), &codes));
}

static void
test_a_step_is_accepted_once(void **state)
{
	const char *token = challenge();

	(void)state;
	assert_err(ERR_CREDENTIALS, answer(token, code_in(-1))); /* confirmed with it */
	assert_err(ERR_OK, answer(token, code_in(0)));
	assert_err(ERR_CREDENTIALS, answer(token, code_in(1))); /* the token is spent */
	assert_err(ERR_CREDENTIALS, answer(challenge(), code_in(0)));
	assert_err(ERR_OK, answer(challenge(), code_in(1)));
	assert_string_equal(
	    sql("SELECT count(*) FROM audit WHERE action = 'signed_in' AND user_id = '%s'",
		ada.user.id.text),
	    "3");
}

static void
test_a_recovery_code_is_accepted_once(void **state)
{
	(void)state;
	assert_err(ERR_OK, answer(challenge(), ada.codes.texts[3]));
	assert_err(ERR_CREDENTIALS, answer(challenge(), ada.codes.texts[3]));
	assert_err(ERR_OK, answer(challenge(), ada.codes.texts[9]));
	assert_string_equal(sql("SELECT count(*) FROM recovery_codes"), "8");
}

static void
test_wrong_codes_lock_like_wrong_passwords(void **state)
{
	const char *token = challenge();

	(void)state;
	for (int i = 0; i < MFA_CHALLENGE_TRIES; i++)
		assert_err(ERR_CREDENTIALS, answer(token, "000000"));
	/* The token is used up, and the pair of account and address locked. */
	assert_err(ERR_CREDENTIALS, answer(token, code_in(0)));
	rig.fault.retry_after_s = 0;
	assert_err(ERR_ACCOUNT_LOCKED, sign_in(&(struct tokens){.access_token = NULL}));
	assert_true(rig.fault.retry_after_s > 0);
	assert_string_equal(sql("SELECT count(*) FROM audit WHERE action = 'sign_in_failed'"
				" AND detail->>'factor' = 'code' AND user_id = '%s'",
				ada.user.id.text),
	    "5");
}

/* The right password alone forgives nothing: else each sign-in would buy five tries more. */
static void
test_a_password_alone_forgives_nothing(void **state)
{
	(void)state;
	assert_err(ERR_CREDENTIALS, answer(challenge(), "000000"));
	assert_err(ERR_CREDENTIALS, answer(challenge(), "000000"));
	assert_string_equal(sql("SELECT max(failures) FROM login_failures"), "2");
	assert_err(ERR_OK, answer(challenge(), code_in(0)));
	assert_null(sql("SELECT max(failures) FROM login_failures"));
}

static void
test_a_challenge_ends(void **state)
{
	const char *token = challenge();

	(void)state;
	(void)sql("UPDATE mfa_challenges SET expires_at = now()");
	assert_err(ERR_CREDENTIALS, answer(token, code_in(0)));
	token = challenge();
	(void)sql("UPDATE users SET password_changed_at = now()");
	assert_err(ERR_CREDENTIALS, answer(token, code_in(0)));
	assert_err(ERR_CREDENTIALS, answer("no token", code_in(0)));
	assert_err(ERR_OK, answer(challenge(), code_in(0)));
}

static void
test_a_new_pepper_seals_anew(void **state)
{
	(void)state;
	rig_passwords(4, "another pepper now", RIG_PEPPER);
	assert_err(ERR_OK, answer(challenge(), code_in(0)));
	assert_string_equal(sql("SELECT pepper_id FROM totp"), rig.derived_keys.now.pepper_id);
	rig_passwords(4, "another pepper now", "");
	assert_err(ERR_OK, answer(challenge(), code_in(1)));
	rig_passwords(4, RIG_PEPPER, "");
}

static void
test_it_is_removed_with_both_factors(void **state)
{
	struct tokens tokens;

	(void)state;
	assert_err(ERR_WRONG_PASSWORD,
	    mfa_remove(&rig.app, &rig.call, &ada.principal, "guess", code_in(0)));
	assert_err(
	    ERR_WRONG_CODE, mfa_remove(&rig.app, &rig.call, &ada.principal, RIGHT, code_in(-1)));
	assert_err(ERR_OK, mfa_remove(&rig.app, &rig.call, &ada.principal, RIGHT, code_in(0)));
	assert_err(ERR_OK, sign_in(&tokens));
	assert_string_equal(sql("SELECT count(*) FROM recovery_codes"), "0");
	assert_err(
	    ERR_NOT_FOUND, mfa_remove(&rig.app, &rig.call, &ada.principal, RIGHT, code_in(1)));
}

static void
test_codes_to_remove_it_are_not_guessed(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		assert_err(ERR_WRONG_CODE,
		    mfa_remove(&rig.app, &rig.call, &ada.principal, RIGHT, "000000"));
	assert_err(
	    ERR_ACCOUNT_LOCKED, mfa_remove(&rig.app, &rig.call, &ada.principal, RIGHT, code_in(0)));
	assert_string_equal(sql("SELECT count(*) FROM totp"), "1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name, setup) cmocka_unit_test_setup(name, setup)
	    TEST(test_it_counts_from_its_confirmation_on, setup),
	    TEST(test_a_step_is_accepted_once, setup_confirmed),
	    TEST(test_a_recovery_code_is_accepted_once, setup_confirmed),
	    TEST(test_wrong_codes_lock_like_wrong_passwords, setup_confirmed),
	    TEST(test_a_password_alone_forgives_nothing, setup_confirmed),
	    TEST(test_a_challenge_ends, setup_confirmed),
	    TEST(test_a_new_pepper_seals_anew, setup_confirmed),
	    TEST(test_it_is_removed_with_both_factors, setup_confirmed),
	    TEST(test_codes_to_remove_it_are_not_guessed, setup_confirmed),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

#include "tests/unit/auth/account_rig.h"

#include "fcgi/auth/email_flow.h"
#include "fcgi/auth/link_courier.h"
#include "fcgi/auth/password_flow.h"

#define NEW_PASSWORD "another good password"

static struct user ada;

static int
setup(void **state)
{
	(void)rig_call(state);
	ada = make_account("ada@example.org");
	return 0;
}

/* The token that the latest event of TYPE has as NAME. */
static const char *
token_of(const char *type, const char *name)
{
	return sql("SELECT body::jsonb->'data'->>'%s' FROM outbox WHERE type = '%s'"
		   " ORDER BY id DESC LIMIT 1",
	    name, type);
}

/* What waits to be told, in order. */
static const char *
waiting(void)
{
	return sql("SELECT string_agg(type, ' ' ORDER BY id) FROM outbox");
}

static const char *
ask_for_reset(void)
{
	struct reset_request request;

	assert_err(ERR_OK, password_forgot(&rig.call, ada.email));
	assert_err(ERR_OK, link_store_take_request(&rig.call, &request));
	assert_true(request.known);
	assert_err(ERR_OK, email_answer_request(&rig.call, &request));
	assert_err(ERR_NOT_FOUND, link_store_take_request(&rig.call, &request));
	return token_of("user.password_reset_requested", "reset_token");
}

static enum err
reset(const char *token)
{
	const struct password_reset draft = {.token = token, .new_password = NEW_PASSWORD};

	return password_reset(&rig.app, &rig.call, &draft);
}

static void
test_a_link_resets_once_and_spends_its_siblings(void **state)
{
	const char *first = ask_for_reset();
	const char *second = ask_for_reset();

	(void)state;
	(void)sign_in(&ada);
	assert_err(ERR_OK, reset(second));
	assert_err(ERR_TOKEN_SPENT, reset(second));
	assert_err(ERR_TOKEN_SPENT, reset(first));
	assert_err(ERR_CREDENTIALS, try_sign_in(ada.email, PASSWORD));
	assert_string_equal(
	    sql("SELECT string_agg(end_reason, ' ') FROM sessions"), "password_reset");
	assert_err(ERR_OK, try_sign_in(ada.email, NEW_PASSWORD));
	assert_string_equal(sql("SELECT body::jsonb->'data' ? 'at'"
				" AND body::jsonb->'data'->>'address' = '192.0.2.1'"
				" AND body::jsonb->'data'->>'user_agent' = 'test' FROM outbox"
				" WHERE type = 'user.password_changed'"),
	    "t");
	/* The welcome mail's link is for something else, and stays. */
	assert_string_equal(sql("SELECT string_agg(purpose, ' ') FROM email_tokens"), "verify");
}

/* Whoever reads the account's mail need not wait for what others failed at. */
static void
test_a_reset_forgives_failed_sign_ins(void **state)
{
	const char *token = ask_for_reset();

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_err(ERR_CREDENTIALS, try_sign_in(ada.email, "wrong"));
	assert_err(ERR_ACCOUNT_LOCKED, try_sign_in(ada.email, PASSWORD));
	assert_err(ERR_OK, reset(token));
	assert_err(ERR_OK, try_sign_in(ada.email, NEW_PASSWORD));
	assert_string_equal(sql("SELECT count(*) FROM login_failures"), "0");
}

static void
test_what_spends_a_reset_link(void **state)
{
	static const char *const changes[] = {
	    "UPDATE users SET email = 'new@example.org', email_key = 'new@example.org'",
	    "UPDATE users SET disabled = true",
	    "UPDATE email_tokens SET expires_at = now()",
	    "UPDATE email_tokens SET purpose = 'verify'",
	    NULL,
	};
	const char *token = ask_for_reset();

	(void)state;
	(void)sql("CREATE TABLE users_kept AS SELECT * FROM users");
	(void)sql("CREATE TABLE tokens_kept AS SELECT * FROM email_tokens");
	for (const char *const *change = changes; *change != NULL; change++) {
		(void)sql("%s", *change);
		assert_err(ERR_TOKEN_SPENT, reset(token));
		(void)sql("UPDATE users u SET email = k.email, email_key = k.email_key,"
			  " disabled = k.disabled FROM users_kept k WHERE k.id = u.id");
		(void)sql("UPDATE email_tokens t SET expires_at = k.expires_at, purpose = k.purpose"
			  " FROM tokens_kept k WHERE k.token_hash = t.token_hash");
	}
	assert_err(ERR_TOKEN_SPENT, reset("garbage!"));
	assert_err(ERR_TOKEN_SPENT, reset(""));
	assert_err(ERR_TOKEN_SPENT, reset(sql("SELECT token_hash FROM email_tokens LIMIT 1")));
	assert_err(ERR_OK, reset(token));
	(void)sql("DROP TABLE users_kept, tokens_kept");
}

static void
test_a_password_that_says_whose_it_is_keeps_the_link(void **state)
{
	const char *token = ask_for_reset();
	const struct password_reset draft = {.token = token, .new_password = "ADA@example.org"};

	(void)state;
	assert_err(ERR_VALIDATION, password_reset(&rig.app, &rig.call, &draft));
	assert_string_equal(rig.fault.first->where, "/new_password");
	assert_int_equal(rig.fault.first->code, FIELD_PASSWORD_COMMON);
	assert_err(ERR_OK, reset(token));
}

static void
test_verification_by_any_link_and_once(void **state)
{
	struct principal principal = sign_in(&ada);
	const char *welcome = token_of("user.registered", "verification_token");
	const char *resent;

	(void)state;
	assert_err(ERR_OK, email_resend(&rig.call, &principal));
	resent = token_of("user.email_verification_requested", "verification_token");
	assert_string_not_equal(welcome, resent);
	(void)sql("UPDATE users SET email_key = 'new@example.org'");
	assert_err(ERR_TOKEN_SPENT, email_verify(&rig.call, resent));
	(void)sql("UPDATE users SET email_key = 'ada@example.org'");
	assert_err(ERR_TOKEN_SPENT, reset(resent));
	assert_err(ERR_OK, email_verify(&rig.call, welcome));
	assert_string_equal(sql("SELECT email_verified FROM users"), "t");
	assert_err(ERR_TOKEN_SPENT, email_verify(&rig.call, welcome));
	assert_err(ERR_TOKEN_SPENT, email_verify(&rig.call, resent));
	assert_err(ERR_OK, email_resend(&rig.call, &principal));
	assert_string_equal(waiting(), "user.registered user.email_verification_requested");
}

static void
test_five_links_in_half_an_hour(void **state)
{
	struct principal principal = sign_in(&ada);

	(void)state;
	for (int i = 0; i < 9; i++)
		(void)ask_for_reset();
	assert_string_equal(
	    sql("SELECT count(*) FROM outbox WHERE type = 'user.password_reset_requested'"), "5");
	/* The one in the welcome mail counts. */
	for (int i = 0; i < 9; i++)
		assert_err(ERR_OK, email_resend(&rig.call, &principal));
	assert_string_equal(
	    sql("SELECT count(*) FROM outbox WHERE type = 'user.email_verification_requested'"),
	    "4");
	assert_string_equal(
	    sql("SELECT count(*) FROM audit WHERE action = 'verification_requested'"), "4");
	(void)sql("UPDATE email_tokens SET created_at = created_at - interval '31 minutes'");
	(void)ask_for_reset();
	assert_string_equal(
	    sql("SELECT count(*) FROM outbox WHERE type = 'user.password_reset_requested'"), "6");
}

/* Also what was asked for while no courier ran, and of an account that may not sign in nothing. */
static void
test_the_courier(void **state)
{
	struct link_courier *courier = NULL;
	const struct user eve = make_account("eve@example.org");

	(void)state;
	(void)sql("UPDATE users SET disabled = true WHERE id = '%s'", eve.id.text);
	assert_err(ERR_OK, password_forgot(&rig.call, "ada@example.org"));
	assert_err(ERR_OK, password_forgot(&rig.call, "eve@example.org"));
	assert_err(ERR_OK, password_forgot(&rig.call, "nobody@example.org"));
	assert_err(ERR_OK, link_courier_start(rig.database.url, &clock_system, &courier));
	while (!str_equal(sql("SELECT count(*) FROM reset_requests"), "0"))
		(void)sql("SELECT pg_sleep(0.01)");
	assert_err(ERR_OK, password_forgot(&rig.call, "ada@example.org"));
	while (!str_equal(sql("SELECT count(*) FROM reset_requests"), "0"))
		(void)sql("SELECT pg_sleep(0.01)");
	link_courier_stop(&courier);
	link_courier_stop(&courier);
	assert_string_equal(waiting(),
	    "user.registered user.registered user.password_reset_requested"
	    " user.password_reset_requested");
	assert_string_equal(sql("SELECT string_agg(coalesce(actor_id::text, '-') || address ||"
				" user_agent, ' ') FROM audit WHERE action = 'reset_requested'"),
	    "-192.0.2.1test -192.0.2.1test");
	assert_err(ERR_OK, reset(token_of("user.password_reset_requested", "reset_token")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, account_teardown)
	    TEST(test_a_link_resets_once_and_spends_its_siblings),
	    TEST(test_a_reset_forgives_failed_sign_ins),
	    TEST(test_what_spends_a_reset_link),
	    TEST(test_a_password_that_says_whose_it_is_keeps_the_link),
	    TEST(test_verification_by_any_link_and_once),
	    TEST(test_five_links_in_half_an_hour),
	    TEST(test_the_courier),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

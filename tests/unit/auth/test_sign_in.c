#include "tests/unit/auth/auth_rig.h"

#include "fcgi/auth/access_token.h"
#include "fcgi/auth/account_flow.h"
#include "fcgi/auth/session_flow.h"
#include "fcgi/auth/session_store.h"
#include "fcgi/auth/user_store.h"

static struct user
register_somebody(const char *email)
{
	const struct registration registration = {
	    .email = email, .email_key = email, .password = "analytical engine", .name = "Ada"};
	struct user user;

	assert_err(ERR_OK, account_register(&rig.app, &rig.call, &registration, &user));
	return user;
}

static enum err
sign_in(const char *email, const char *password, struct tokens *out)
{
	const struct credentials credentials = {email, password};

	return session_sign_in(&rig.app, &rig.call, &credentials, out);
}

static void
test_a_registration_writes_all_of_it(void **state)
{
	struct user user = register_somebody("all@example.org");

	(void)state;
	assert_string_equal(
	    sql("SELECT email || name || email_key FROM users WHERE id = '%s'", user.id.text),
	    "all@example.orgAdaall@example.org");
	assert_string_equal(
	    sql("SELECT action || address FROM audit WHERE user_id = '%s'", user.id.text),
	    "registered192.0.2.1");
	assert_string_equal(
	    sql("SELECT purpose || email_key FROM email_tokens WHERE user_id = '%s' AND expires_at"
		" BETWEEN now() + interval '23 hours' AND now() + interval '24 hours'",
		user.id.text),
	    "verifyall@example.org");
	assert_string_equal(
	    sql("SELECT type || traceparent FROM outbox WHERE body::jsonb->>'subject' = '%s'"
		" AND id::text = body::jsonb->>'id'",
		user.id.text),
	    "user.registered00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
	/* The mail has the token, the table its hash. */
	assert_string_equal(
	    sql("SELECT count(*) FROM outbox o, email_tokens t WHERE t.user_id = '%s'"
		" AND o.body::jsonb->>'subject' = '%s' AND t.token_hash = translate(encode(sha256("
		" decode(translate(o.body::jsonb->'data'->>'verification_token',"
		" '-_', '+/') || '=',"
		" 'base64')), 'base64'), '+/=', '-_')",
		user.id.text, user.id.text),
	    "1");
}

/* Two register at the same moment, and both were told that the address is free. */
static void
test_the_second_of_two_registrations_leaves_nothing(void **state)
{
	struct user user = register_somebody("race@example.org");
	struct new_user twin = {.id = fresh_id(),
	    .email = "RACE@example.org",
	    .email_key = "race@example.org",
	    .name = "Twin",
	    .password = {"$2b$04$x", "x"},
	    .verification_hash = "twin",
	    .event = {fresh_id(), "user.registered", NULL, "{}"},
	    .audit_id = fresh_id(),
	    .client = rig.call.client};
	struct user out;

	(void)state;
	assert_err(ERR_EMAIL_TAKEN,
	    user_store_free_email(rig.call.pg, &rig.call.deadline, "race@example.org"));
	assert_err(ERR_EMAIL_TAKEN,
	    user_store_add(rig.call.pg, &rig.call.deadline, rig.call.arena, &twin, &out));
	assert_string_equal(
	    sql("SELECT count(*) FROM users WHERE email_key = 'race@example.org'"), "1");
	assert_string_equal(
	    sql("SELECT count(*) FROM audit WHERE id = '%s'", twin.audit_id.text), "0");
	assert_string_equal(
	    sql("SELECT count(*) FROM outbox WHERE id = '%s'", twin.event.id.text), "0");
	assert_string_equal(
	    sql("SELECT count(*) FROM email_tokens WHERE token_hash = 'twin'"), "0");
	assert_string_equal(
	    sql("SELECT id FROM users WHERE email_key = 'race@example.org'"), user.id.text);
}

static void
test_a_session_is_what_its_token_says(void **state)
{
	struct user user = register_somebody("ada@example.org");
	struct jwt_claims claims;
	struct tokens tokens;

	(void)state;
	assert_err(ERR_OK, sign_in("ada@example.org", "analytical engine", &tokens));
	assert_err(
	    ERR_OK, access_token_check(&rig.app, rig.call.arena, tokens.access_token, &claims));
	assert_true(id_equal(&claims.subject, &user.id));
	assert_string_equal(
	    sql("SELECT user_id FROM sessions WHERE id = '%s' AND address = '192.0.2.1'"
		" AND user_agent = 'test' AND generation = 1 AND ended_at IS NULL",
		claims.session_id.text),
	    user.id.text);
}

static void
test_without_a_key_there_is_no_session(void **state)
{
	struct user user = register_somebody("keyless@example.org");
	char key_id[JWT_KEY_ID_SIZE];
	struct tokens tokens;

	(void)state;
	keyring_free(&rig.app.keyring);
	assert_err(ERR_OK, keyring_new(rig.keys.path, 0, &clock_system, &rig.app.keyring));
	key_folder_drop(&rig.keys, "a.pem");
	while (keyring_count(rig.app.keyring) > 0)
		continue;
	assert_err(ERR_UNAVAILABLE, sign_in("keyless@example.org", "analytical engine", &tokens));
	assert_string_equal(
	    sql("SELECT count(*) FROM sessions WHERE user_id = '%s'", user.id.text), "0");
	key_folder_add(&rig.keys, "a.pem", 1, key_id);
	keyring_free(&rig.app.keyring);
	assert_err(ERR_OK, keyring_new(rig.keys.path, 0, &clock_system, &rig.app.keyring));
}

static void
test_an_old_hash_becomes_a_new_one_at_the_sign_in(void **state)
{
	struct user user = register_somebody("old@example.org");
	struct tokens tokens;
	const char *hash;

	(void)state;
	rig_passwords(5, "another pepper now", RIG_PEPPER);
	assert_err(ERR_OK, sign_in("old@example.org", "analytical engine", &tokens));
	hash = sql("SELECT password_hash FROM users WHERE id = '%s'", user.id.text);
	assert_memory_equal(hash, "$2b$05$", 7);
	/* Today's pepper is enough for it now, and nothing changes any more. */
	rig_passwords(5, "another pepper now", "");
	assert_err(ERR_OK, sign_in("old@example.org", "analytical engine", &tokens));
	assert_string_equal(
	    sql("SELECT password_hash FROM users WHERE id = '%s'", user.id.text), hash);
	rig_passwords(4, RIG_PEPPER, "");
}

static void
test_what_changes_while_a_password_is_checked(void **state)
{
	struct user user = register_somebody("changes@example.org");
	struct login_account account;
	const struct throttle throttle = {.counts = "{changes}", .holds = "{changes}"};
	const struct throttle_buckets buckets = {"changes", "changes", NULL};
	struct new_session session = {.id = fresh_id(),
	    .user_id = user.id,
	    .throttle = &throttle,
	    .network = rig.call.network,
	    .mac_key = "k",
	    .token_hash = "h",
	    .ttl_s = 60,
	    .audit_id = fresh_id(),
	    .client = rig.call.client};
	int64_t locked_ms = 0;

	(void)state;
	assert_err(ERR_OK,
	    user_store_find_login(rig.call.pg, &rig.call.deadline, rig.call.arena,
		"changes@example.org", &buckets, rig.call.network, &account));
	session.password_version = account.password_version;
	session.roles = "customer,admin"; /* which was taken */
	assert_err(ERR_CREDENTIALS,
	    session_store_add(rig.call.pg, &rig.call.deadline, &session, &locked_ms));
	session.roles = "customer";
	(void)sql("UPDATE users SET disabled = true WHERE id = '%s'", user.id.text);
	assert_err(ERR_CREDENTIALS,
	    session_store_add(rig.call.pg, &rig.call.deadline, &session, &locked_ms));
	(void)sql("UPDATE users SET disabled = false, password_changed_at = now() WHERE id = '%s'",
	    user.id.text);
	assert_err(ERR_CREDENTIALS,
	    session_store_add(rig.call.pg, &rig.call.deadline, &session, &locked_ms));
	assert_string_equal(
	    sql("SELECT count(*) FROM sessions WHERE user_id = '%s'", user.id.text), "0");
}

static void
test_an_administrator_is_made_once(void **state)
{
	struct user user = register_somebody("boss@example.org");
	struct id audit_id = fresh_id();
	struct tokens tokens;

	(void)state;
	assert_err(ERR_OK,
	    user_store_make_admin(rig.call.pg, &rig.call.deadline, "boss@example.org", &audit_id));
	audit_id = fresh_id();
	assert_err(ERR_OK,
	    user_store_make_admin(rig.call.pg, &rig.call.deadline, "boss@example.org", &audit_id));
	assert_string_equal(
	    sql("SELECT roles FROM users WHERE id = '%s'", user.id.text), "{customer,admin}");
	assert_string_equal(sql("SELECT count(*) FROM audit WHERE action = 'made_admin'"), "1");
	assert_err(ERR_OK, sign_in("boss@example.org", "analytical engine", &tokens));
	assert_int_equal(tokens.user.roles, ROLE_CUSTOMER | ROLE_ADMIN);
	assert_err(ERR_NOT_FOUND,
	    user_store_make_admin(
		rig.call.pg, &rig.call.deadline, "nobody@example.org", &audit_id));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, rig_call)
	    TEST(test_a_registration_writes_all_of_it),
	    TEST(test_the_second_of_two_registrations_leaves_nothing),
	    TEST(test_a_session_is_what_its_token_says),
	    TEST(test_without_a_key_there_is_no_session),
	    TEST(test_an_old_hash_becomes_a_new_one_at_the_sign_in),
	    TEST(test_what_changes_while_a_password_is_checked),
	    TEST(test_an_administrator_is_made_once),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

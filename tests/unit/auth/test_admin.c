#include "tests/unit/auth/auth_rig.h"

#include "fcgi/auth/account_flow.h"
#include "fcgi/auth/admin_flow.h"
#include "fcgi/auth/admin_store.h"
#include "fcgi/auth/audit_store.h"
#include "fcgi/auth/session_flow.h"
#include "fcgi/auth/session_store.h"

#define RIGHT "analytical engine"

static const struct user_patch no_admin = {.has_roles = true, .roles = ROLE_CUSTOMER};
static const struct user_patch disable = {.has_disabled = true, .disabled = true};

static struct principal
come_in(const char *email, const char *name, bool admin)
{
	const struct registration registration = {
	    .email = email, .email_key = email, .password = RIGHT, .name = name};
	const struct credentials credentials = {email, RIGHT};
	struct principal principal = {.user_id = fresh_id()};
	struct tokens tokens;
	struct user user;

	assert_err(ERR_OK, account_register(&rig.app, &rig.call, &registration, &user));
	if (admin)
		(void)sql(
		    "UPDATE users SET roles = '{customer,admin}' WHERE id = '%s'", user.id.text);
	assert_err(ERR_OK, session_sign_in(&rig.app, &rig.call, &credentials, &tokens));
	principal.user_id = user.id;
	assert_err(ERR_OK,
	    id_parse(sql("SELECT id FROM sessions WHERE user_id = '%s'", user.id.text),
		&principal.session_id));
	return principal;
}

static int
setup(void **state)
{
	(void)rig_call(state);
	(void)sql("DELETE FROM sessions");
	(void)sql("DELETE FROM users");
	(void)sql("TRUNCATE audit");
	return 0;
}

static enum err
allow(void *context, const struct user *user)
{
	(void)context;
	(void)user;
	return ERR_OK;
}

static enum err
change(const struct principal *actor, const struct principal *of, const struct user_patch *patch)
{
	const struct account_guard guard = {.check = allow};
	struct user user;

	return admin_change_user(&rig.call, actor, &of->user_id, patch, &guard, &user);
}

static void
test_only_an_administrator_of_now(void **state)
{
	struct principal boss = come_in("boss@example.org", "Boss", true);
	struct principal ada = come_in("ada@example.org", "Ada", false);
	struct user user;

	(void)state;
	assert_err(ERR_OK, admin_get_user(&rig.call, &boss, &ada.user_id, &user));
	assert_string_equal(user.email, "ada@example.org");
	/* Whatever a token said that was signed before. */
	ada.roles = ROLE_ADMIN;
	assert_err(ERR_FORBIDDEN, admin_get_user(&rig.call, &ada, &ada.user_id, &user));
	assert_err(ERR_FORBIDDEN, change(&ada, &boss, &disable));
	user.id = fresh_id();
	assert_err(ERR_NOT_FOUND, admin_get_user(&rig.call, &boss, &user.id, &user));
}

static void
test_there_is_always_an_administrator(void **state)
{
	struct principal boss = come_in("boss@example.org", "Boss", true);
	struct principal second = come_in("second@example.org", "Second", true);

	(void)state;
	assert_err(ERR_CONFLICT, change(&boss, &boss, &disable));
	assert_err(ERR_OK, change(&boss, &second, &no_admin));
	assert_err(ERR_CONFLICT, change(&boss, &boss, &no_admin));
	assert_string_equal(sql("SELECT count(*) FROM users WHERE 'admin' = ANY (roles)"), "1");
	/* A disabled one does not count. */
	(void)sql("UPDATE users SET roles = '{admin}', disabled = true WHERE id = '%s'",
	    second.user_id.text);
	assert_err(ERR_CONFLICT, change(&boss, &boss, &no_admin));
}

static void
test_disabling_ends_sessions_and_is_audited_once(void **state)
{
	struct principal boss = come_in("boss@example.org", "Boss", true);
	struct principal ada = come_in("ada@example.org", "Ada", false);
	const struct credentials credentials = {"ada@example.org", RIGHT};
	struct tokens tokens;
	struct user user;

	(void)state;
	assert_err(ERR_OK, change(&boss, &ada, &disable));
	assert_err(ERR_OK, change(&boss, &ada, &disable));
	assert_err(ERR_TOKEN_INVALID, account_of_principal(&rig.call, &ada, &user));
	assert_err(ERR_CREDENTIALS, session_sign_in(&rig.app, &rig.call, &credentials, &tokens));
	assert_string_equal(
	    sql("SELECT end_reason FROM sessions WHERE id = '%s'", ada.session_id.text),
	    "account_disabled");
	assert_string_equal(sql("SELECT count(*) FROM audit WHERE action = 'account_administered'"
				" AND actor_id = '%s' AND user_id = '%s'"
				" AND detail->>'disabled' = 'true'"
				" AND detail->'sessions' ? '%s'",
				boss.user_id.text, ada.user_id.text, ada.session_id.text),
	    "1");
	assert_string_equal(
	    sql("SELECT count(*) FROM audit WHERE action = 'account_administered'"), "1");
	assert_err(ERR_OK,
	    change(&boss, &ada, &(struct user_patch){.has_disabled = true, .disabled = false}));
	assert_err(ERR_OK, session_sign_in(&rig.app, &rig.call, &credentials, &tokens));
}

static const char *
end_of(const struct principal *principal)
{
	return sql("SELECT coalesce(end_reason, 'alive') FROM sessions WHERE id = '%s'",
	    principal->session_id.text);
}

static void
test_a_role_taken_ends_sessions(void **state)
{
	const struct user_patch both = {.has_roles = true, .roles = ROLE_CUSTOMER | ROLE_ADMIN};
	struct principal boss = come_in("boss@example.org", "Boss", true);
	struct principal ada = come_in("ada@example.org", "Ada", false);

	(void)state;
	assert_err(ERR_OK, change(&boss, &ada, &both));
	assert_string_equal(end_of(&ada), "alive");
	assert_err(ERR_OK, change(&boss, &ada, &no_admin));
	assert_string_equal(end_of(&ada), "role_taken");
	assert_string_equal(end_of(&boss), "alive");
}

static size_t
found(const char *q)
{
	struct user *users;
	size_t count;

	assert_err(ERR_OK, admin_store_search(&rig.call, q, NULL, 10, &users, &count));
	return count;
}

static void
test_search_by_words_and_how_they_begin(void **state)
{
	(void)state;
	(void)come_in("ada.lovelace@example.org", "Ada King", false);
	(void)come_in("charles@example.com", "Ada's \xC3\x89mile \\ Babbage", false);
	assert_int_equal(found("ada"), 2);
	assert_int_equal(found("ADA K"), 1);
	assert_int_equal(found("king ada"), 1);
	assert_int_equal(found("ada.lovelace@exam"), 1);
	assert_int_equal(found("example"), 2);
	assert_int_equal(found("com"), 1);
	assert_int_equal(found("charles@example.com"), 1);
	assert_int_equal(found("nobody"), 0);
	assert_int_equal(found("\xC3\x89mil"), 1);
	/* What has a meaning to tsquery has none here. */
	assert_int_equal(found("!ada"), 2);
	assert_int_equal(found("ada | nobody"), 0);
	assert_int_equal(found("'"), 0);
	assert_int_equal(found("\\ bab'"), 1);
	assert_int_equal(found("ada:*X & (<->"), 0);
	assert_int_equal(found("%"), 0);
}

static void
test_pages_of_accounts_and_of_the_audit(void **state)
{
	struct principal boss = come_in("boss@example.org", "Boss", true);
	struct audit_event *events;
	struct user *users;
	size_t count;
	struct id after;

	(void)state;
	(void)come_in("one@example.org", "One", false);
	(void)come_in("two@example.org", "Two", false);
	assert_err(ERR_OK, admin_store_search(&rig.call, NULL, NULL, 2, &users, &count));
	assert_int_equal(count, 2);
	assert_string_equal(users[0].name, "Two");
	after = users[1].id;
	assert_err(ERR_OK, admin_store_search(&rig.call, NULL, &after, 2, &users, &count));
	assert_int_equal(count, 1);
	assert_true(id_equal(&users[0].id, &boss.user_id));
	assert_err(ERR_OK, audit_store_list(&rig.call, &boss.user_id, NULL, 10, &events, &count));
	assert_int_equal(count, 2);
	assert_string_equal(events[0].action, "signed_in");
	assert_string_equal(events[0].address, "192.0.2.1");
	assert_null(events[0].detail);
	after = events[0].id;
	assert_err(ERR_OK, audit_store_list(&rig.call, &boss.user_id, &after, 10, &events, &count));
	assert_int_equal(count, 1);
	assert_string_equal(events[0].action, "registered");
	assert_err(ERR_OK, audit_store_list(&rig.call, NULL, NULL, 10, &events, &count));
	assert_int_equal(count, 6);
}

/* However many accounts there are. */
static void
test_a_search_is_served_by_its_index(void **state)
{
	const char *plan;

	(void)state;
	(void)sql("INSERT INTO users (id, email, email_key, name, password_hash, pepper_id)"
		  " SELECT gen_random_uuid(), n, n || '@example.org', 'Name ' || n, 'x', 'x'"
		  " FROM generate_series(1, 5000) n");
	(void)sql("ANALYZE users");
	plan = sql("EXPLAIN (FORMAT JSON) SELECT FROM users WHERE user_words(email_key, name)"
		   " @@ '''1234'':*'::tsquery");
	assert_non_null(strstr(plan, "users_words"));
	assert_int_equal(found("1234"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, setup)
	    TEST(test_only_an_administrator_of_now),
	    TEST(test_there_is_always_an_administrator),
	    TEST(test_disabling_ends_sessions_and_is_audited_once),
	    TEST(test_a_role_taken_ends_sessions),
	    TEST(test_search_by_words_and_how_they_begin),
	    TEST(test_pages_of_accounts_and_of_the_audit),
	    TEST(test_a_search_is_served_by_its_index),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

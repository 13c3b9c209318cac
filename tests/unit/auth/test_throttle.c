#include "tests/unit/auth/auth_rig.h"

#include "fcgi/auth/account_flow.h"
#include "fcgi/auth/session_flow.h"
#include "fcgi/auth/session_store.h"
#include "fcgi/auth/throttle_store.h"
#include "fcgi/auth/user_store.h"

#define RIGHT "analytical engine"

static struct user
register_somebody(const char *email)
{
	const struct registration registration = {
	    .email = email, .email_key = email, .password = RIGHT, .name = "Ada"};
	struct user user;

	assert_err(ERR_OK, account_register(&rig.app, &rig.call, &registration, &user));
	return user;
}

static int
setup(void **state)
{
	(void)sql("DELETE FROM login_failures");
	return rig_call(state);
}

static void
come_from(const char *network, const char *device_cookie)
{
	rig.call.network = network;
	rig.call.device_cookie = device_cookie;
}

static enum err
sign_in(const char *email, const char *password, struct tokens *out)
{
	const struct credentials credentials = {email, password};

	return session_sign_in(&rig.app, &rig.call, &credentials, out);
}

static enum err
guess(const char *email)
{
	struct tokens tokens;

	return sign_in(email, "guess", &tokens);
}

static void
guess_times(const char *email, int times)
{
	for (int i = 0; i < times; i++)
		assert_err(ERR_CREDENTIALS, guess(email));
}

static int64_t
locked_s(char kind)
{
	const char *text =
	    sql("SELECT coalesce(round(extract(epoch FROM locked_until - last_at)), 0)"
		"::bigint FROM login_failures WHERE bucket LIKE '%c%%'",
		kind);

	return text != NULL ? strtol(text, NULL, 10) : -1;
}

static void
unlock(void)
{
	(void)sql("UPDATE login_failures SET locked_until = now()");
}

static void
test_locks_double_up_to_a_quarter_of_an_hour(void **state)
{
	static const int64_t expected_s[] = {0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(expected_s); i++) {
		guess_times("ghost@example.org", 1);
		assert_int_equal(locked_s('p'), expected_s[i]);
		if (expected_s[i] == 0)
			continue;
		assert_err(ERR_ACCOUNT_LOCKED, guess("ghost@example.org"));
		assert_true(
		    rig.fault.retry_after_s > 0 && rig.fault.retry_after_s <= expected_s[i]);
		unlock();
	}
	/* Many more, and the power does not overflow. */
	(void)sql("UPDATE login_failures SET failures = 1000000");
	guess_times("ghost@example.org", 1);
	assert_int_equal(locked_s('p'), 900);
	assert_int_equal(locked_s('a'), 900);
	/* The next day it begins anew. */
	(void)sql("UPDATE login_failures SET locked_until = now(),"
		  " last_at = now() - interval '25 hours'");
	guess_times("ghost@example.org", 1);
	assert_int_equal(locked_s('p'), 0);
	assert_string_equal(sql("SELECT max(failures) FROM login_failures"), "1");
}

static void
test_a_lock_at_one_address_is_none_at_another(void **state)
{
	struct tokens tokens;

	(void)state;
	(void)register_somebody("elsewhere@example.org");
	guess_times("elsewhere@example.org", 5);
	assert_err(ERR_ACCOUNT_LOCKED, sign_in("elsewhere@example.org", RIGHT, &tokens));
	come_from("198.51.100.7", NULL);
	assert_err(ERR_OK, sign_in("elsewhere@example.org", RIGHT, &tokens));
	/* Which does not help whoever guessed. */
	come_from("192.0.2.1", NULL);
	assert_err(ERR_ACCOUNT_LOCKED, guess("elsewhere@example.org"));
}

/* Guesses from everywhere: COUNT of them, five an address. */
static void
guess_from_everywhere(const char *email, int count)
{
	for (int i = 0; i < count; i++) {
		come_from(arena_printf(rig.call.arena, "203.0.113.%d", i / 4), NULL);
		guess_times(email, 1);
	}
}

static void
lock_everywhere(const char *email)
{
	guess_from_everywhere(email, 50);
	come_from("203.0.113.99", NULL);
	assert_err(ERR_ACCOUNT_LOCKED, guess(email));
	assert_true(rig.fault.retry_after_s > 0 && rig.fault.retry_after_s <= 30);
}

static void
test_guesses_from_everywhere_lock_an_account_for_strangers(void **state)
{
	struct tokens tokens;

	(void)state;
	(void)register_somebody("crowd@example.org");
	assert_err(ERR_OK, sign_in("crowd@example.org", RIGHT, &tokens));
	lock_everywhere("crowd@example.org");
	assert_err(ERR_ACCOUNT_LOCKED, sign_in("crowd@example.org", RIGHT, &tokens));
	/* At an address from which she signed in lately, Ada gets in; but no guesser there. */
	come_from("192.0.2.1", NULL);
	guess_times("crowd@example.org", 5);
	assert_err(ERR_ACCOUNT_LOCKED, guess("crowd@example.org"));
	unlock();
	(void)sql("UPDATE login_failures SET locked_until = now() + interval '1 minute'"
		  " WHERE bucket LIKE 'a%%'");
	assert_err(ERR_OK, sign_in("crowd@example.org", RIGHT, &tokens));
}

/* The owner hears of an attack once a day, in the transaction that locks; of one address' typing
 * errors never. */
static void
test_the_owner_is_told_once_a_day(void **state)
{
	struct user user = register_somebody("told@example.org");

	(void)state;
	lock_everywhere("told@example.org");
#define TOLD                                                                                       \
	sql("SELECT count(*) FROM outbox WHERE type = 'user.sign_in_suspicious'"                   \
	    " AND body::jsonb->'data'->>'reason' = 'too_many_failures'"                            \
	    " AND body::jsonb->'data'->'user'->>'email' = 'told@example.org'"                      \
	    " AND body::jsonb->'data'->>'address' = '192.0.2.1'"                                   \
	    " AND body::jsonb->>'subject' = '%s'",                                                 \
	    user.id.text)
	assert_string_equal(TOLD, "1");
	unlock();
	come_from("203.0.113.100", NULL);
	guess_times("told@example.org", 1);
	assert_string_equal(TOLD, "1");
	(void)sql("UPDATE users SET attack_told_at = attack_told_at - interval '25 hours'");
	unlock();
	guess_times("told@example.org", 1);
	assert_string_equal(TOLD, "2");
}

static void
test_an_unknown_account_is_locked_alike(void **state)
{
	(void)state;
	lock_everywhere("nobody@example.org");
	assert_int_equal(locked_s('a'), 30);
}

static void
test_a_known_device_is_held_up_by_nobody_else(void **state)
{
	struct user user = register_somebody("device@example.org");
	struct tokens tokens;
	const char *cookie;

	(void)state;
	assert_err(ERR_OK, sign_in("device@example.org", RIGHT, &tokens));
	cookie = tokens.device_cookie;
	lock_everywhere("device@example.org");
	come_from("192.0.2.1", NULL);
	guess_times("device@example.org", 5);
	assert_err(ERR_ACCOUNT_LOCKED, sign_in("device@example.org", RIGHT, &tokens));
	come_from("192.0.2.1", cookie);
	assert_err(ERR_OK, sign_in("device@example.org", RIGHT, &tokens));
	/* Its own failures it has for itself. */
	guess_times("device@example.org", 5);
	assert_int_equal(locked_s('d'), 30);
	assert_err(ERR_ACCOUNT_LOCKED, sign_in("device@example.org", RIGHT, &tokens));
	come_from("192.0.2.1", tokens.device_cookie);
	assert_err(ERR_OK, sign_in("device@example.org", RIGHT, &tokens));
	/* A new password takes all of them back. */
	(void)sql("UPDATE users SET password_changed_at = now() WHERE id = '%s'", user.id.text);
	assert_err(ERR_ACCOUNT_LOCKED, sign_in("device@example.org", RIGHT, &tokens));
}

static void
test_a_device_of_somebody_else_is_a_stranger(void **state)
{
	struct tokens tokens;

	(void)state;
	(void)register_somebody("one@example.org");
	(void)register_somebody("two@example.org");
	assert_err(ERR_OK, sign_in("one@example.org", RIGHT, &tokens));
	come_from("192.0.2.1", tokens.device_cookie);
	guess_times("two@example.org", 5);
	assert_err(ERR_ACCOUNT_LOCKED, sign_in("two@example.org", RIGHT, &tokens));
	guess_times("nobody@example.org", 5);
	assert_err(ERR_ACCOUNT_LOCKED, guess("nobody@example.org"));
	assert_int_equal(locked_s('d'), -1);
}

static void
test_a_locked_account_costs_no_hash(void **state)
{
	struct hasher_stats before;
	struct hasher_stats after;
	struct tokens tokens;

	(void)state;
	(void)register_somebody("locked@example.org");
	guess_times("locked@example.org", 5);
	passwords_stats(rig.app.passwords, &before);
	assert_err(ERR_ACCOUNT_LOCKED, sign_in("locked@example.org", RIGHT, &tokens));
	passwords_stats(rig.app.passwords, &after);
	assert_int_equal(before.hashed, after.hashed);
	assert_string_equal(sql("SELECT max(failures) FROM login_failures"), "5");
}

/* A hundred guesses at once must not be a hundred answers: what ends while the account is locked is
 * refused, right or wrong, and not counted. */
static void
test_guesses_side_by_side(void **state)
{
	struct user user = register_somebody("beside@example.org");
	const struct throttle throttle = {.counts = "{a1,p1}", .holds = "{p1}"};
	const struct throttle_buckets buckets = {"a1", "p1", NULL};
	struct login_account account;
	struct new_session session = {.id = fresh_id(),
	    .user_id = user.id,
	    .roles = "customer",
	    .throttle = &throttle,
	    .network = rig.call.network,
	    .mac_key = "k",
	    .token_hash = "h",
	    .ttl_s = 60,
	    .audit_id = fresh_id(),
	    .client = rig.call.client};
	const struct login_failure failure = {.throttle = &throttle,
	    .user_id = &user.id,
	    .factor = "password",
	    .audit_id = fresh_id(),
	    .client = rig.call.client};
	int64_t locked_ms = 0;

	(void)state;
	assert_err(ERR_OK,
	    user_store_find_login(rig.call.pg, &rig.call.deadline, rig.call.arena,
		"beside@example.org", &buckets, rig.call.network, &account));
	assert_int_equal(account.locks.pair_ms, 0);
	session.password_version = account.password_version;
	(void)sql("INSERT INTO login_failures (bucket, failures, locked_until)"
		  " VALUES ('p1', 5, now() + interval '20 seconds')");
	assert_err(ERR_ACCOUNT_LOCKED,
	    session_store_add(rig.call.pg, &rig.call.deadline, &session, &locked_ms));
	assert_true(locked_ms > 0 && locked_ms <= 20000);
	locked_ms = 0;
	assert_err(ERR_ACCOUNT_LOCKED,
	    throttle_store_fail(rig.call.pg, &rig.call.deadline, &failure, &locked_ms));
	assert_true(locked_ms > 0 && locked_ms <= 20000);
	assert_string_equal(sql("SELECT failures FROM login_failures WHERE bucket = 'p1'"), "5");
	assert_null(sql("SELECT 1 FROM audit WHERE id = '%s'", failure.audit_id.text));
	assert_string_equal(
	    sql("SELECT count(*) FROM sessions WHERE user_id = '%s'", user.id.text), "0");
	unlock();
	assert_err(
	    ERR_OK, session_store_add(rig.call.pg, &rig.call.deadline, &session, &locked_ms));
	assert_null(sql("SELECT 1 FROM login_failures WHERE bucket IN ('a1', 'p1')"));
	assert_string_equal(
	    sql("SELECT address FROM known_addresses WHERE user_id = '%s'", user.id.text),
	    rig.call.network);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, setup)
	    TEST(test_locks_double_up_to_a_quarter_of_an_hour),
	    TEST(test_a_lock_at_one_address_is_none_at_another),
	    TEST(test_guesses_from_everywhere_lock_an_account_for_strangers),
	    TEST(test_the_owner_is_told_once_a_day),
	    TEST(test_an_unknown_account_is_locked_alike),
	    TEST(test_a_known_device_is_held_up_by_nobody_else),
	    TEST(test_a_device_of_somebody_else_is_a_stranger),
	    TEST(test_a_locked_account_costs_no_hash),
	    TEST(test_guesses_side_by_side),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

#include "tests/unit/auth/account_rig.h"

#include <pthread.h>

#include "fcgi/auth/account_store.h"
#include "fcgi/auth/password_flow.h"
#include "fcgi/auth/password_store.h"
#include "fcgi/auth/session_store.h"

static struct user ada;
static struct principal principal;

static int
setup(void **state)
{
	(void)rig_call(state);
	ada = make_account("ada@example.org");
	principal = sign_in(&ada);
	return 0;
}

static enum err
let_pass(void *context, const struct user *user)
{
	(void)context;
	(void)user;
	return ERR_OK;
}

static enum err
refuse(void *context, const struct user *user)
{
	assert_string_equal(user->name, context);
	return ERR_PRECONDITION;
}

static enum err
update(const struct profile_patch *patch, struct user *out)
{
	static const struct account_guard guard = {.check = let_pass};

	return account_update(&rig.call, &principal, patch, &guard, out);
}

/* What the latest event of TYPE says at the JSON path. */
static const char *
told(const char *type, const char *path)
{
	return sql("SELECT body::jsonb #>> '%s' FROM outbox WHERE type = '%s'"
		   " ORDER BY id DESC LIMIT 1",
	    path, type);
}

static void
test_a_change_is_told_and_audited(void **state)
{
	const struct profile_patch patch = {.name = "Augusta", .has_locale = true, .locale = "de"};
	struct user user;

	(void)state;
	assert_err(ERR_OK, update(&patch, &user));
	assert_string_equal(user.name, "Augusta");
	assert_string_equal(user.locale, "de");
	assert_true(user.updated_at_ms >= ada.updated_at_ms);
	assert_string_equal(told("user.updated", "{data,user,name}"), "Augusta");
	assert_string_equal(told("user.updated", "{data,user,email}"), "ada@example.org");
	assert_string_equal(told("user.updated", "{data,user,locale}"), "de");
	assert_string_equal(told("user.updated", "{subject}"), ada.id.text);
	assert_string_equal(
	    sql("SELECT actor_id || address || user_agent || (detail->'changed')::text FROM audit"
		" WHERE action = 'profile_changed'"),
	    arena_printf(rig.call.arena, "%s192.0.2.1test[\"name\", \"locale\"]", ada.id.text));
}

static void
test_nothing_new_is_not_told(void **state)
{
	const struct profile_patch same = {.name = "Ada", .has_locale = true};
	const struct profile_patch none = {.name = NULL};
	struct user user;

	(void)state;
	assert_err(ERR_OK, update(&same, &user));
	assert_err(ERR_OK, update(&none, &user));
	assert_int_equal(user.updated_at_ms, ada.updated_at_ms);
	assert_null(told("user.updated", "{id}"));
}

static void
test_the_guard_sees_what_is_there(void **state)
{
	const struct profile_patch patch = {.name = "Augusta"};
	char expected[] = "Ada";
	const struct account_guard guard = {.check = refuse, .context = expected};
	struct user user;

	(void)state;
	assert_err(ERR_PRECONDITION, account_update(&rig.call, &principal, &patch, &guard, &user));
	assert_string_equal(sql("SELECT name FROM users"), "Ada");
	(void)sql("UPDATE sessions SET expires_at = now()");
	assert_err(ERR_TOKEN_INVALID, update(&patch, &user));
}

static void
test_a_deletion_takes_all_but_ids(void **state)
{
	(void)state;
	assert_err(ERR_CREDENTIALS, try_sign_in(ada.email, "wrong"));
	assert_err(ERR_OK, password_forgot(&rig.call, ada.email));
	assert_err(ERR_WRONG_PASSWORD, account_delete(&rig.app, &rig.call, &principal, "wrong"));
	assert_err(ERR_OK, account_delete(&rig.app, &rig.call, &principal, PASSWORD));
	assert_string_equal(sql("SELECT count(*) FROM users"), "0");
	assert_string_equal(sql("SELECT count(*) FROM email_tokens"), "0");
	assert_string_equal(sql("SELECT count(*) FROM reset_requests"), "0");
	assert_string_equal(
	    sql("SELECT count(*) FROM login_failures WHERE bucket NOT LIKE 's%%'"), "0");
	assert_string_equal(
	    sql("SELECT string_agg(coalesce(user_id::text, '-') || end_reason ||"
		" mac_key || token_hash || user_agent || address, '') FROM sessions"),
	    "-account_deleted");
	/* Of what waited to be told, that alone is left. */
	assert_string_equal(sql("SELECT string_agg(type, ' ') FROM outbox"), "user.deleted");
	assert_string_equal(told("user.deleted", "{data}"),
	    arena_printf(rig.call.arena, "{\"user\": {\"id\": \"%s\"}}", ada.id.text));
	/* The audit knows what was done; from where, of the last step alone. */
	assert_string_equal(sql("SELECT string_agg(action, ' ' ORDER BY id) FROM audit"
				" WHERE user_id = '%s'",
				ada.id.text),
	    "registered signed_in sign_in_failed password_refused deleted");
	assert_string_equal(sql("SELECT string_agg(action || ' ' || address || ' ' || user_agent,"
				" ' ') FROM audit WHERE user_id = '%s'",
				ada.id.text),
	    "deleted 192.0.2.1 test");
	/* And the address is free. */
	(void)make_account("ada@example.org");
}

/* Else the end of one account reads all rows of another table. */
static void
test_every_reference_has_an_index(void **state)
{
	(void)state;
	assert_null(sql("SELECT string_agg(c.conname, ' ') FROM pg_constraint c"
			" WHERE c.contype = 'f' AND NOT EXISTS (SELECT FROM pg_index i"
			"  WHERE i.indrelid = c.conrelid AND i.indpred IS NULL"
			"   AND i.indkey[0] = c.conkey[1])"));
}

/* The relay has taken an event: the deletion neither waits for it nor takes it away. */
static void
test_events_under_way_are_left_to_the_relay(void **state)
{
	static const struct pg_statement fetch = {
	    "fetch", "SELECT id FROM outbox ORDER BY id FOR UPDATE SKIP LOCKED"};
	const struct deadline deadline = deadline_in(&clock_system, 30000);
	struct pg *relay = NULL;

	(void)state;
	assert_err(ERR_OK, pg_new(rig.database.url, 0, &clock_system, &relay));
	assert_err(ERR_OK, pg_begin(relay, &deadline));
	assert_err(ERR_OK, pg_run(relay, &deadline, &fetch, NULL, 0, NULL));
	assert_err(ERR_OK, account_delete(&rig.app, &rig.call, &principal, PASSWORD));
	pg_rollback(relay);
	pg_free(&relay);
	assert_string_equal(sql("SELECT string_agg(type, ' ' ORDER BY id) FROM outbox"),
	    "user.registered user.deleted");
}

static void
test_five_wrong_proofs_lock_the_session_alone(void **state)
{
	const struct password_change change = {"wrong", "another good password"};
	const struct password_change right = {PASSWORD, "another good password"};
	struct principal other = sign_in(&ada);

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_err(
		    ERR_WRONG_PASSWORD, password_change(&rig.app, &rig.call, &principal, &change));
	/* A right one in between begins anew. */
	assert_err(ERR_OK,
	    password_change(
		&rig.app, &rig.call, &principal, &(struct password_change){PASSWORD, PASSWORD}));
	for (int i = 0; i < 5; i++)
		assert_err(
		    ERR_WRONG_PASSWORD, password_change(&rig.app, &rig.call, &principal, &change));
	assert_err(ERR_ACCOUNT_LOCKED, password_change(&rig.app, &rig.call, &principal, &right));
	assert_in_range(rig.fault.retry_after_s, 1, 30);
	assert_err(ERR_ACCOUNT_LOCKED, account_delete(&rig.app, &rig.call, &principal, PASSWORD));
	/* The change in between ended the others. */
	assert_err(ERR_TOKEN_INVALID, password_change(&rig.app, &rig.call, &other, &right));
	other = sign_in(&ada);
	assert_err(ERR_OK, password_change(&rig.app, &rig.call, &other, &right));
	assert_string_equal(
	    sql("SELECT count(*) FROM audit WHERE action = 'password_refused'"), "9");
}

/* --- somebody signs in while the account changes ------------------------------------------- */

struct attempt {
	struct pg *pg;
	struct new_session session;
	enum err result;
	pthread_t thread;
};

static void *
attempt_thread(void *argument)
{
	struct attempt *attempt = argument;
	const struct deadline deadline = deadline_in(&clock_system, 30000);
	int64_t locked_ms;

	attempt->result = session_store_add(attempt->pg, &deadline, &attempt->session, &locked_ms);
	return NULL;
}

/* A sign-in whose password was checked a moment ago; it waits for the account's row. */
static void
start_attempt(struct attempt *attempt, const char *password_version)
{
	static const struct throttle throttle = {.counts = "{x}", .holds = "{x}"};

	*attempt = (struct attempt){.session = {.id = fresh_id(),
					.user_id = ada.id,
					.password_version = password_version,
					.roles = "customer",
					.throttle = &throttle,
					.network = "192.0.2.1",
					.mac_key = "k",
					.token_hash = "h",
					.ttl_s = 60,
					.audit_id = fresh_id(),
					.client = rig.call.client}};
	assert_err(ERR_OK, pg_new(rig.database.url, 0, &clock_system, &attempt->pg));
	assert_int_equal(pthread_create(&attempt->thread, NULL, attempt_thread, attempt), 0);
	while (str_equal(sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
			     " AND query LIKE '%%INSERT INTO sessions%%'"),
	    "0"))
		(void)sql("SELECT pg_sleep(0.01)");
}

static enum err
end_attempt(struct attempt *attempt)
{
	assert_int_equal(pthread_join(attempt->thread, NULL), 0);
	pg_free(&attempt->pg);
	return attempt->result;
}

static const char *
password_version(void)
{
	return sql("SELECT extract(epoch FROM password_changed_at) FROM users");
}

static void
test_no_session_begins_by_the_password_before(void **state)
{
	const char *version = password_version();
	struct new_password password = {.user_id = &ada.id,
	    .hash = {"$2b$04$x", "x"},
	    .forgiven = "{}",
	    .action = "password_changed",
	    .audit_id = fresh_id(),
	    .event = {fresh_id(), "user.password_changed", NULL, "{}"}};
	struct attempt attempt;

	(void)state;
	assert_err(ERR_OK, pg_begin(rig.call.pg, &rig.call.deadline));
	assert_err(ERR_OK, account_store_lock(&rig.call, &ada.id, version));
	assert_err(ERR_OK, password_store_change(&rig.call, &password));
	start_attempt(&attempt, version);
	assert_err(ERR_OK, pg_commit(rig.call.pg, &rig.call.deadline));
	assert_err(ERR_CREDENTIALS, end_attempt(&attempt));
	assert_string_equal(sql("SELECT count(*) FROM sessions WHERE ended_at IS NULL"), "0");
	/* Nor is there a second change by what the first one had seen. */
	assert_err(ERR_CONFLICT, account_store_lock(&rig.call, &ada.id, version));
}

static void
test_no_session_begins_of_an_account_that_goes(void **state)
{
	const char *version = password_version();
	struct account_end end = {.user_id = &ada.id,
	    .buckets = "{}",
	    .audit_id = fresh_id(),
	    .event = {fresh_id(), "user.deleted", NULL, "{}"}};
	struct attempt attempt;

	(void)state;
	assert_err(ERR_OK, pg_begin(rig.call.pg, &rig.call.deadline));
	assert_err(ERR_OK, account_store_lock(&rig.call, &ada.id, version));
	assert_err(ERR_OK, account_store_delete(&rig.call, &end));
	start_attempt(&attempt, version);
	assert_err(ERR_OK, pg_commit(rig.call.pg, &rig.call.deadline));
	assert_err(ERR_CREDENTIALS, end_attempt(&attempt));
	assert_string_equal(sql("SELECT count(*) FROM sessions WHERE ended_at IS NULL"), "0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, account_teardown)
	    TEST(test_a_change_is_told_and_audited),
	    TEST(test_nothing_new_is_not_told),
	    TEST(test_the_guard_sees_what_is_there),
	    TEST(test_a_deletion_takes_all_but_ids),
	    TEST(test_every_reference_has_an_index),
	    TEST(test_events_under_way_are_left_to_the_relay),
	    TEST(test_five_wrong_proofs_lock_the_session_alone),
	    TEST(test_no_session_begins_by_the_password_before),
	    TEST(test_no_session_begins_of_an_account_that_goes),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

#include "tests/unit/auth/auth_rig.h"

#include "fcgi/auth/housekeeping_store.h"
#include "fcgi/auth/session_store.h"

static struct id user_id;

/* A session made by SQL that expires in LEFT_S. */
static struct id
make_session(int64_t left_s)
{
	struct id id = fresh_id();

	(void)sql("INSERT INTO sessions (id, user_id, mac_key, generation, token_hash, user_agent,"
		  " address, expires_at) VALUES ('%s', '%s', 'k', 1, 'one', '', '',"
		  " now() + %lld * interval '1 second')",
	    id.text, user_id.text, (long long)left_s);
	return id;
}

static int
setup(void **state)
{
	(void)rig_call(state);
	user_id = fresh_id();
	(void)sql("INSERT INTO users (id, email, email_key, name, password_hash, pepper_id)"
		  " VALUES ('%s', 'x', '%s', 'x', 'x', 'x')",
	    user_id.text, user_id.text);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)sql("TRUNCATE sessions, refresh_rotations, audit, email_tokens, login_failures,"
		  " users CASCADE");
	return 0;
}

static enum err
rotate(const struct id *id, uint32_t generation, const char *hash, const char *successor_hash)
{
	const struct rotation rotation = {.session_id = id,
	    .generation = generation,
	    .token_hash = hash,
	    .salt = "salt",
	    .successor_hash = successor_hash,
	    .ttl_s = 1000,
	    .client = {"192.0.2.2", "later"}};

	return session_store_rotate(rig.call.pg, &rig.call.deadline, &rotation);
}

static struct session
find(const struct id *id, uint32_t generation)
{
	struct session session;

	assert_err(ERR_OK,
	    session_store_find(
		rig.call.pg, &rig.call.deadline, rig.call.arena, id, generation, &session));
	return session;
}

static void
end(const struct id *session_id, const struct id *of_user)
{
	const struct session_end ending = {.session_id = session_id,
	    .user_id = of_user,
	    .reason = "signed_out",
	    .audit_id = fresh_id(),
	    .client = rig.call.client};

	assert_err(ERR_OK, session_store_end(rig.call.pg, &rig.call.deadline, &ending));
}

static void
test_of_two_rotations_one_wins(void **state)
{
	struct id id = make_session(60);
	struct session session;

	(void)state;
	assert_err(ERR_OK, rotate(&id, 1, "one", "two"));
	assert_err(ERR_CONFLICT, rotate(&id, 1, "one", "twin"));
	session = find(&id, 1);
	assert_true(session.alive);
	assert_int_equal(session.generation, 2);
	assert_string_equal(session.token_hash, "two");
	assert_true(session.rotated && session.in_grace);
	assert_string_equal(session.rotated_hash, "one");
	assert_string_equal(session.salt, "salt");
	assert_int_equal(session.expires_in_s, 1000);
	assert_string_equal(
	    sql("SELECT address || user_agent FROM sessions WHERE id = '%s'", id.text),
	    "192.0.2.2later");
	session = find(&id, 2);
	assert_false(session.rotated || session.in_grace);
	assert_null(session.salt);
}

static void
test_another_hash_does_not_rotate(void **state)
{
	struct id id = make_session(60);

	(void)state;
	assert_err(ERR_CONFLICT, rotate(&id, 1, "other", "two"));
	assert_err(ERR_CONFLICT, rotate(&id, 2, "one", "two"));
	end(&id, NULL);
	assert_err(ERR_CONFLICT, rotate(&id, 1, "one", "two"));
	assert_int_equal(find(&id, 1).generation, 1);
}

static void
test_the_grace_ends_and_the_salt_goes(void **state)
{
	struct id id = make_session(60);

	(void)state;
	assert_err(ERR_OK, rotate(&id, 1, "one", "two"));
	(void)sql("UPDATE refresh_rotations SET at = at - interval '%d seconds'", REFRESH_GRACE_S);
	assert_true(find(&id, 1).rotated);
	assert_false(find(&id, 1).in_grace);
	assert_err(ERR_OK, rotate(&id, 2, "two", "three"));
	assert_false(find(&id, 1).rotated);
	assert_true(find(&id, 2).in_grace);
}

static void
test_what_is_not_alive(void **state)
{
	struct id ended = make_session(60);
	struct id expired = make_session(-1);
	struct id alive = make_session(60);
	struct id unknown = fresh_id();
	struct session session;
	struct user user;

	(void)state;
	end(&ended, NULL);
	assert_false(find(&ended, 1).alive);
	assert_false(find(&expired, 1).alive);
	assert_true(find(&alive, 1).alive);
	assert_err(ERR_NOT_FOUND,
	    session_store_find(
		rig.call.pg, &rig.call.deadline, rig.call.arena, &unknown, 1, &session));
#define USER_OF(id)                                                                                \
	session_store_user(rig.call.pg, &rig.call.deadline, rig.call.arena, &(id), &user_id, &user)
	assert_err(ERR_TOKEN_INVALID, USER_OF(ended));
	assert_err(ERR_TOKEN_INVALID, USER_OF(expired));
	assert_err(ERR_TOKEN_INVALID, USER_OF(unknown));
	assert_err(ERR_OK, USER_OF(alive));
	assert_true(id_equal(&user.id, &user_id));
	/* A token of one user with the session of another. */
	assert_err(ERR_TOKEN_INVALID,
	    session_store_user(
		rig.call.pg, &rig.call.deadline, rig.call.arena, &alive, &unknown, &user));
	(void)sql("UPDATE users SET disabled = true");
	assert_false(find(&alive, 1).alive);
	assert_err(ERR_TOKEN_INVALID, USER_OF(alive));
}

static void
test_an_end_is_told_once(void **state)
{
	struct id id = make_session(60);

	(void)state;
	end(&id, NULL);
	end(&id, NULL);
	assert_string_equal(sql("SELECT count(*) FROM audit WHERE action = 'signed_out'"), "1");
	assert_string_equal(sql("SELECT detail->'sessions'->>0 FROM audit"), id.text);
}

static void
test_all_of_one_user_and_of_nobody_else(void **state)
{
	struct id one = make_session(60);
	struct id two = make_session(60);
	struct id first_user = user_id;
	struct id other;

	(void)state;
	user_id = fresh_id();
	(void)sql("INSERT INTO users (id, email, email_key, name, password_hash, pepper_id)"
		  " VALUES ('%s', 'x', '%s', 'x', 'x', 'x')",
	    user_id.text, user_id.text);
	other = make_session(60);
	end(NULL, &first_user);
	assert_false(find(&one, 1).alive);
	assert_false(find(&two, 1).alive);
	assert_true(find(&other, 1).alive);
	assert_string_equal(sql("SELECT count(*) FROM audit"), "1");
	assert_string_equal(sql("SELECT jsonb_array_length(detail->'sessions') FROM audit"), "2");
}

static void
list(int64_t since_ms, int64_t ttl_s, struct ended_sessions *out)
{
	assert_err(ERR_OK,
	    session_store_ended(
		rig.call.pg, &rig.call.deadline, rig.call.arena, since_ms, ttl_s, out));
}

static void
test_the_list_of_ended_sessions(void **state)
{
	struct id first = make_session(60);
	struct id second = make_session(60);
	struct id old = make_session(60);
	struct ended_sessions ended;

	(void)state;
	(void)make_session(60);
	(void)make_session(-1); /* expired is not ended: its tokens have expired too */
	list(0, 900, &ended);
	assert_int_equal(ended.count, 0);
	assert_true(ended.now_ms < clock_now_ms(&clock_system));
	end(&second, NULL);
	end(&first, NULL);
	end(&old, NULL);
	(void)sql(
	    "UPDATE sessions SET ended_at = ended_at - interval '901 seconds' WHERE id = '%s'",
	    old.text);
	(void)sql(
	    "UPDATE sessions SET ended_at = ended_at - interval '100 seconds' WHERE id = '%s'",
	    first.text);
	list(0, 900, &ended);
	assert_int_equal(ended.count, 2);
	assert_true(id_equal(&ended.sessions[0].id, &first));
	assert_true(id_equal(&ended.sessions[1].id, &second));
	list(ended.sessions[1].at_ms, 900, &ended); /* that very time counts */
	assert_int_equal(ended.count, 1);
	assert_true(id_equal(&ended.sessions[0].id, &second));
	list(ended.sessions[0].at_ms + 1, 900, &ended);
	assert_int_equal(ended.count, 0);
}

static void
test_a_list_too_long_says_where_to_go_on(void **state)
{
	struct ended_sessions ended;

	(void)state;
	(void)sql(
	    "INSERT INTO sessions (id, user_id, mac_key, generation, token_hash, user_agent,"
	    " address, expires_at, ended_at, end_reason) SELECT gen_random_uuid(), '%s', '', 1,"
	    " '', '', '', now(), date_trunc('milliseconds', now()) - n * interval '1 ms',"
	    " 'signed_out' FROM generate_series(1, %d) n",
	    user_id.text, ENDED_SESSIONS_MAX + 5);
	list(0, 900, &ended);
	assert_int_equal(ended.count, ENDED_SESSIONS_MAX);
	assert_int_equal(ended.now_ms, ended.sessions[ended.count - 1].at_ms);
	list(ended.now_ms, 900, &ended);
	assert_int_equal(ended.count, 6);
}

static void
test_housekeeping(void **state)
{
	struct id ended_now = make_session(60);
	struct id ended_once = make_session(60);
	struct id expired_once = make_session(-2000);
	struct id alive = make_session(60);
	bool more = true;

	(void)state;
	end(&ended_now, NULL);
	end(&ended_once, NULL);
	(void)sql("UPDATE sessions SET ended_at = now() - interval '1001 seconds' WHERE id = '%s'",
	    ended_once.text);
	assert_err(ERR_OK, rotate(&alive, 1, "one", "two"));
	assert_err(ERR_OK, rotate(&alive, 2, "two", "three"));
	(void)sql("UPDATE refresh_rotations SET at = now() - interval '61 seconds'"
		  " WHERE generation = 1");
	(void)sql("INSERT INTO email_tokens (token_hash, user_id, purpose, email_key, expires_at)"
		  " SELECT n, '%s', 'verify', '', now() + n * interval '1 second'"
		  " FROM generate_series(-1, 100, 101) n",
	    user_id.text);
	(void)sql("INSERT INTO login_failures (bucket, failures, last_at)"
		  " VALUES ('old', 3, now() - interval '25 hours'), ('new', 3, now())");
	(void)sql("INSERT INTO known_addresses (user_id, address, last_at) VALUES"
		  " ('%s', 'old', now() - interval '31 days'), ('%s', 'new', now())",
	    user_id.text, user_id.text);
	(void)sql(
	    "INSERT INTO mfa_challenges (token_hash, user_id, password_version, expires_at)"
	    " VALUES ('old', '%s', '1', now()), ('new', '%s', '1', now() + interval '1 hour')",
	    user_id.text, user_id.text);
	(void)sql("TRUNCATE rate_limits");
	(void)sql("INSERT INTO rate_limits (key, whole_at)"
		  " VALUES ('old', now()), ('new', now() + interval '1 minute')");
	assert_err(ERR_OK, housekeeping_sweep(rig.call.pg, &rig.call.deadline, 1000, &more));
	assert_false(more);
	assert_string_equal(sql("SELECT string_agg(address, ' ') FROM known_addresses"), "new");
	assert_string_equal(sql("SELECT string_agg(key, ' ') FROM rate_limits"), "new");
	assert_string_equal(sql("SELECT count(*) FROM mfa_challenges"), "1");
	assert_string_equal(sql("SELECT count(*) FROM sessions"), "2");
	assert_null(sql(
	    "SELECT 1 FROM sessions WHERE id IN ('%s', '%s')", ended_once.text, expired_once.text));
	assert_string_equal(
	    sql("SELECT string_agg(generation::text, ' ') FROM refresh_rotations"), "2");
	assert_string_equal(sql("SELECT string_agg(token_hash, ' ') FROM email_tokens"), "100");
	assert_string_equal(sql("SELECT string_agg(bucket, ' ') FROM login_failures"), "new");
}

static void
test_housekeeping_goes_on_while_there_is_more(void **state)
{
	bool more = false;

	(void)state;
	(void)sql("INSERT INTO login_failures (bucket, failures, last_at) SELECT n, 1,"
		  " now() - interval '2 days' FROM generate_series(1, %d) n",
	    HOUSEKEEPING_BATCH + 1);
	assert_err(ERR_OK, housekeeping_sweep(rig.call.pg, &rig.call.deadline, 1000, &more));
	assert_true(more);
	assert_err(ERR_OK, housekeeping_sweep(rig.call.pg, &rig.call.deadline, 1000, &more));
	assert_false(more);
	assert_string_equal(sql("SELECT count(*) FROM login_failures"), "0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(test_of_two_rotations_one_wins),
	    TEST(test_another_hash_does_not_rotate),
	    TEST(test_the_grace_ends_and_the_salt_goes),
	    TEST(test_what_is_not_alive),
	    TEST(test_an_end_is_told_once),
	    TEST(test_all_of_one_user_and_of_nobody_else),
	    TEST(test_the_list_of_ended_sessions),
	    TEST(test_a_list_too_long_says_where_to_go_on),
	    TEST(test_housekeeping),
	    TEST(test_housekeeping_goes_on_while_there_is_more),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

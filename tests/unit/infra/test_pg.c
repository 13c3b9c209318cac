#include <string.h>

#include "tests/unit/infra/pg_rig.h"

#include "shared/infra/pg_url.h"

static void
test_values_come_back(void **state)
{
	static const struct pg_statement statement = {"values",
	    "SELECT $1::text, $2::text, $3::bigint, $4::boolean, $5::uuid"
	    " UNION ALL SELECT '', 'x', -1, false, '0190a1b2-0000-7000-8000-000000000002'"};
	const char *values[] = {"h\xC3\xA9 \"'\\", NULL, "9223372036854775807", "t",
	    "0190a1b2-0000-7000-8000-000000000001"};
	const struct deadline deadline = patience();
	struct pg_result *rows = NULL;

	(void)state;
	assert_err(ERR_OK, pg_run(pg, &deadline, &statement, values, 5, &rows));
	assert_int_equal(pg_rows(rows), 2);
	assert_string_equal(pg_text(rows, 0, 0), "h\xC3\xA9 \"'\\");
	assert_true(pg_is_null(rows, 0, 1));
	assert_null(pg_text(rows, 0, 1));
	assert_true(pg_int(rows, 0, 2) == INT64_MAX);
	assert_true(pg_bool(rows, 0, 3));
	assert_string_equal(pg_id(rows, 0, 4).text, "0190a1b2-0000-7000-8000-000000000001");
	assert_string_equal(pg_text(rows, 1, 0), "");
	assert_false(pg_bool(rows, 1, 3));
	pg_result_free(&rows);
	pg_result_free(&rows);
}

static void
test_a_copy_outlives_the_result(void **state)
{
	static const struct pg_statement select = {"copy", "SELECT 'kept', NULL::text"};
	const struct deadline deadline = patience();
	const char *text = NULL;
	const char *none = "";
	struct pg_result *rows = NULL;
	struct arena *arena = NULL;

	(void)state;
	assert_err(ERR_OK, arena_new(1024, &arena));
	assert_err(ERR_OK, pg_run(pg, &deadline, &select, NULL, 0, &rows));
	assert_err(ERR_OK, pg_copy(rows, 0, 0, arena, &text));
	assert_err(ERR_OK, pg_copy(rows, 0, 1, arena, &none));
	assert_null(none);
	assert_null(arena_alloc(arena, 4096));
	assert_err(ERR_MEMORY, pg_copy(rows, 0, 0, arena, &none));
	assert_null(none);
	pg_result_free(&rows);
	assert_string_equal(text, "kept");
	arena_free(&arena);
}

static void
test_affected_rows_are_counted(void **state)
{
	static const struct pg_statement update = {
	    "update", "UPDATE things SET name = name || 'x'"};
	const struct deadline deadline = patience();
	struct pg_result *rows = NULL;

	(void)state;
	assert_err(ERR_OK, add("a"));
	assert_err(ERR_OK, add("b"));
	assert_err(ERR_OK, pg_run(pg, &deadline, &update, NULL, 0, &rows));
	assert_int_equal(pg_affected(rows), 2);
	assert_int_equal(pg_rows(rows), 0);
	pg_result_free(&rows);
}

static void
test_a_statement_is_prepared_once(void **state)
{
	static const struct pg_statement prepared = {"prepared",
	    "SELECT count(*) FROM pg_prepared_statements"
	    " WHERE statement LIKE 'INSERT INTO things%'"};

	(void)state;
	assert_err(ERR_OK, add("a"));
	assert_err(ERR_OK, add("b"));
	assert_err(ERR_CONFLICT, add("b"));
	assert_err(ERR_OK, add("c"));
	assert_int_equal(number_on(pg, &prepared), 1);
}

static void
test_more_statements_than_a_connection_keeps(void **state)
{
	static struct pg_statement many[100];
	static char sql[100][32];

	(void)state;
	for (int i = 0; i < 100; i++) {
		(void)snprintf(sql[i], sizeof(sql[i]), "SELECT %d", i);
		many[i] = (struct pg_statement){"many", sql[i]};
	}
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 100; i++)
			assert_int_equal(number_on(pg, &many[i]), i);
}

static void
test_a_violated_constraint_has_a_name(void **state)
{
	(void)state;
	assert_err(ERR_OK, add("a"));
	assert_string_equal(pg_constraint(pg), "");
	assert_err(ERR_CONFLICT, add("a"));
	assert_string_equal(pg_constraint(pg), "things_name_taken");
	assert_err(ERR_OK, add("b"));
	assert_string_equal(pg_constraint(pg), "");
}

static void
test_sql_errors_have_their_meaning(void **state)
{
	static const struct {
		enum err err;
		struct pg_statement statement;
	} cases[] = {
#define RAISE(code) "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '" code "'; END $$"
	    {ERR_BUSY, {"e40001", RAISE("40001")}},
	    {ERR_BUSY, {"e40P01", RAISE("40P01")}},
	    {ERR_BUSY, {"e55P03", RAISE("55P03")}},
	    {ERR_UNAVAILABLE, {"e53300", RAISE("53300")}},
	    {ERR_UNAVAILABLE, {"e57P03", RAISE("57P03")}},
	    {ERR_UNAVAILABLE, {"e25006", RAISE("25006")}},
	    {ERR_INTERNAL, {"e23503", RAISE("23503")}},
	    {ERR_INTERNAL, {"e42P01", "SELECT x FROM y"}},
	    {ERR_INTERNAL, {"e22P02", "SELECT 'x'::uuid"}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_err(cases[i].err, run(&cases[i].statement));
		assert_err(ERR_OK, run(&backend));
	}
}

static void
test_commit_keeps_and_rollback_forgets(void **state)
{
	const struct deadline deadline = patience();

	(void)state;
	assert_err(ERR_OK, pg_begin(pg, &deadline));
	assert_err(ERR_OK, add("kept"));
	assert_int_equal(number_on(other, &count_things), 0);
	assert_err(ERR_OK, pg_commit(pg, &deadline));
	assert_int_equal(number_on(other, &count_things), 1);
	assert_err(ERR_OK, pg_begin(pg, &deadline));
	assert_err(ERR_OK, add("forgotten"));
	pg_rollback(pg);
	pg_rollback(pg);
	assert_int_equal(number_on(pg, &count_things), 1);
}

static enum err
leave_early(void)
{
	const struct deadline deadline = patience();
	auto_pg_tx struct pg *tx = pg;

	TRY(pg_begin(tx, &deadline));
	TRY(add("a"));
	TRY(add("a"));
	return pg_commit(tx, &deadline);
}

static void
test_an_early_return_rolls_back(void **state)
{
	(void)state;
	assert_err(ERR_CONFLICT, leave_early());
	assert_int_equal(number_on(pg, &count_things), 0);
	assert_err(ERR_OK, add("a"));
	assert_int_equal(number_on(other, &count_things), 1);
}

static void
test_a_transaction_without_statements(void **state)
{
	static const struct pg_statement in_transaction = {
	    "xact", "SELECT pg_current_xact_id_if_assigned() IS NOT NULL"};
	const struct deadline deadline = patience();
	struct pg_result *rows = NULL;

	(void)state;
	assert_err(ERR_OK, pg_begin(pg, &deadline));
	assert_err(ERR_OK, pg_commit(pg, &deadline));
	assert_err(ERR_OK, pg_begin(pg, &deadline));
	pg_rollback(pg);
	assert_err(ERR_OK, add("a"));
	assert_err(ERR_OK, pg_run(pg, &deadline, &in_transaction, NULL, 0, &rows));
	assert_false(pg_bool(rows, 0, 0));
	pg_result_free(&rows);
}

static void
test_a_commit_that_rolled_back_is_an_error(void **state)
{
	const struct deadline deadline = patience();

	(void)state;
	assert_err(ERR_OK, pg_begin(pg, &deadline));
	assert_err(ERR_OK, add("a"));
	assert_err(ERR_CONFLICT, add("a"));
	assert_err(ERR_INTERNAL, pg_commit(pg, &deadline));
	assert_int_equal(number_on(other, &count_things), 0);
	assert_err(ERR_OK, add("a"));
}

static void
test_a_deferred_violation_comes_at_the_commit(void **state)
{
	static const struct pg_statement twins = {
	    "twins", "INSERT INTO things (twin) VALUES ('x'), ('x')"};
	const struct deadline deadline = patience();

	(void)state;
	assert_err(ERR_OK, pg_begin(pg, &deadline));
	assert_err(ERR_OK, run(&twins));
	assert_err(ERR_CONFLICT, pg_commit(pg, &deadline));
	assert_string_equal(pg_constraint(pg), "late");
	pg_rollback(pg);
	assert_err(ERR_OK, add("a"));
}

static void
test_the_urls_own_options_stay(void **state)
{
	static const struct pg_statement show = {"show",
	    "SELECT current_setting('work_mem') || ' ' || current_setting('statement_timeout')"};
	const struct deadline deadline = patience();
	struct pg_result *rows = NULL;
	struct pg *given = NULL;
	char url[256];

	(void)state;
	(void)snprintf(url, sizeof(url), "%s&options=-c%%20work_mem%%3D77MB", database.url);
	assert_err(ERR_OK, pg_new(url, 1234, &clock_system, &given));
	assert_err(ERR_OK, pg_run(given, &deadline, &show, NULL, 0, &rows));
	assert_string_equal(pg_text(rows, 0, 0), "77MB 1234ms");
	pg_result_free(&rows);
	pg_free(&given);
}

/* A pooler gives every transaction another session. */
static void
test_behind_a_pooler_nothing_rests_on_a_session(void **state)
{
	static const struct migration none[] = {{0, NULL, NULL}};
	static const struct pg_statement prepared = {
	    "prepared", "SELECT count(*) FROM pg_prepared_statements"};
	static const struct pg_statement listening = {
	    "listening", "SELECT count(*) FROM pg_listening_channels()"};
	static const struct pg_statement ends = {"ends",
	    "SELECT count(*) FROM pg_settings WHERE source = 'client'"
	    " AND name IN ('statement_timeout', 'idle_in_transaction_session_timeout')"};
	struct pg *pooled = NULL;
	bool notified = false;
	char url[256];

	(void)state;
	(void)snprintf(url, sizeof(url), "%s&pool_mode=transaction", database.url);
	assert_err(ERR_OK, pg_new(url, 1234, &clock_system, &pooled));
	assert_int_equal(number_on(pooled, &count_things), 0);
	assert_int_equal(number_on(pooled, &prepared), 0);
	assert_int_equal(number_on(pooled, &ends), 0);
	assert_err(ERR_OK, pg_listen(pooled, "news", 0, -1, &notified));
	assert_true(notified);
	assert_int_equal(number_on(pooled, &listening), 0);
	assert_err(ERR_CONFIG, pg_migrate(pooled, none, NULL));
	pg_free(&pooled);
}

static void
assert_copied(const char *url, const char *expected, bool is_pooled)
{
	char *copy = NULL;
	bool pooled = !is_pooled;

	assert_err(ERR_OK, pg_url_copy(url, &copy, &pooled));
	assert_string_equal(copy, expected);
	assert_int_equal(pooled, is_pooled);
	free(copy);
}

static void
test_a_urls_pool_mode_is_ours(void **state)
{
	(void)state;
	assert_copied("postgres://h/db?pool_mode=transaction", "postgres://h/db", true);
	assert_copied("postgres://h/db?pool_mode=transaction&sslmode=require",
	    "postgres://h/db?sslmode=require", true);
	assert_copied("postgres://h/db?sslmode=require&pool_mode=transaction",
	    "postgres://h/db?sslmode=require", true);
	assert_copied("postgres://h/db", "postgres://h/db", false);
	assert_copied(
	    "postgres://h/pool_mode=transaction", "postgres://h/pool_mode=transaction", false);
	assert_copied("postgres://h/db?pool_mode=transactions",
	    "postgres://h/db?pool_mode=transactions", false);
}

/* The hosts of a cluster, one of them away. */
static void
test_of_several_hosts_one_serves(void **state)
{
	const char *folder = strstr(database.url, "host=") + strlen("host=");
	struct pg *several = NULL;
	char url[512];

	(void)state;
	(void)snprintf(url, sizeof(url),
	    "postgresql://test@/postgres?host=127.0.0.1,%s&port=1,5432"
	    "&target_session_attrs=read-write",
	    folder);
	assert_err(ERR_OK, pg_new(url, 20000, &clock_system, &several));
	assert_int_equal(number_on(several, &count_things), 0);
	pg_free(&several);
}

static void
test_a_bad_url_is_refused(void **state)
{
	struct pg *bad = NULL;
	char role[PG_ROLE_SIZE];

	(void)state;
	assert_err(ERR_CONFIG, pg_new("postgres://u:p@[x/db", 0, &clock_system, &bad));
	assert_null(bad);
	assert_err(ERR_OK, pg_url_role("postgres://shop_app:x@h/db", role));
	assert_string_equal(role, "shop_app");
	assert_err(ERR_OK, pg_url_role("postgres://shop_app@h/db?pool_mode=transaction", role));
	assert_string_equal(role, "shop_app");
	assert_err(ERR_OK, pg_url_role("postgres:///db", role));
	assert_string_equal(role, "");
	assert_err(ERR_CONFIG, pg_url_role("postgres://u:p@[x/db", role));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(test_values_come_back),
	    TEST(test_a_copy_outlives_the_result),
	    TEST(test_affected_rows_are_counted),
	    TEST(test_a_statement_is_prepared_once),
	    TEST(test_more_statements_than_a_connection_keeps),
	    TEST(test_a_violated_constraint_has_a_name),
	    TEST(test_sql_errors_have_their_meaning),
	    TEST(test_commit_keeps_and_rollback_forgets),
	    TEST(test_an_early_return_rolls_back),
	    TEST(test_a_transaction_without_statements),
	    TEST(test_a_commit_that_rolled_back_is_an_error),
	    TEST(test_a_deferred_violation_comes_at_the_commit),
	    TEST(test_the_urls_own_options_stay),
	    TEST(test_behind_a_pooler_nothing_rests_on_a_session),
	    TEST(test_a_urls_pool_mode_is_ours),
	    TEST(test_of_several_hosts_one_serves),
	    TEST(test_a_bad_url_is_refused),
	};

	return cmocka_run_group_tests(tests, start_database, remove_database);
}

#include <pthread.h>
#include <string.h>

#include "tests/unit/notifier/database.h"
#include "tests/unit/unit.h"

#include "shared/base/log.h"
#include "shared/infra/pg.h"

static struct database database;
static struct pg *pg;

static const struct migration first[] = {
    {1, "one", "CREATE TABLE one (n int); INSERT INTO one VALUES (1); INSERT INTO one VALUES (2);"},
    {0, NULL, NULL},
};
static const struct migration second[] = {
    {1, "one", "this is not run again"},
    {2, "two",
	"CREATE TABLE two ();\n"
	"CREATE FUNCTION app_grants(role text) RETURNS void LANGUAGE plpgsql AS $$\n"
	"BEGIN EXECUTE format('GRANT SELECT ON one TO %I', role); END $$;\n"},
    {0, NULL, NULL},
};
static const struct migration broken[] = {
    {1, "one", ""},
    {2, "two", ""},
    {3, "three", "CREATE TABLE three (); CREATE TABLE three ();"},
    {4, "four", "CREATE TABLE four ();"},
    {0, NULL, NULL},
};

static int64_t
query(const char *sql)
{
	return database_number(&database, sql);
}

static int
setup(void **state)
{
	(void)state;
	log_init("test", LOG_ERROR + 1, 2);
	return database_new(&database) == 0 &&
		pg_new(database.url, 100, &clock_system, &pg) == ERR_OK
	    ? 0
	    : -1;
}

static int
teardown(void **state)
{
	(void)state;
	pg_free(&pg);
	return database_remove(&database);
}

static void
test_each_is_applied_once_and_in_order(void **state)
{
	(void)state;
	assert_err(ERR_OK, pg_migrate(pg, first, NULL));
	assert_int_equal(query("SELECT count(*) FROM one"), 2);
	assert_err(ERR_OK, pg_migrate(pg, second, NULL));
	assert_err(ERR_OK, pg_migrate(pg, second, ""));
	assert_int_equal(query("SELECT count(*) FROM one"), 2);
	assert_int_equal(query("SELECT sum(version) FROM schema_migrations"), 3);
	/* An older program leaves the newer schema alone. */
	assert_err(ERR_OK, pg_migrate(pg, first, NULL));
	assert_int_equal(query("SELECT sum(version) FROM schema_migrations"), 3);
}

static void
test_the_serving_role_gets_what_the_schema_grants(void **state)
{
	(void)state;
	assert_int_equal(query("CREATE ROLE \"odd \"\"role\"\"\""), 0);
	assert_err(ERR_OK, pg_migrate(pg, second, "odd \"role\""));
	assert_int_equal(
	    query("SELECT has_table_privilege('odd \"role\"', 'one', 'SELECT')::int"), 1);
	assert_int_equal(
	    query("SELECT has_table_privilege('odd \"role\"', 'one', 'INSERT')::int"), 0);
	assert_err(ERR_INTERNAL, pg_migrate(pg, second, "nobody"));
}

static void
test_a_broken_one_leaves_nothing(void **state)
{
	const struct deadline deadline = deadline_in(&clock_system, 30000);
	static const struct pg_statement ping = {"ping", "SELECT 1"};

	(void)state;
	assert_err(ERR_INTERNAL, pg_migrate(pg, broken, NULL));
	assert_int_equal(query("SELECT (to_regclass('three') IS NOT NULL)::int"), 0);
	assert_int_equal(query("SELECT (to_regclass('four') IS NOT NULL)::int"), 0);
	assert_int_equal(query("SELECT max(version) FROM schema_migrations"), 2);
	/* The lock is free again, and so is the connection. */
	assert_err(ERR_INTERNAL, pg_migrate(pg, broken, NULL));
	assert_err(ERR_OK, pg_run(pg, &deadline, &ping, NULL, 0, NULL));
}

/* Its script is good, and what records it fails: it never was. */
static void
test_one_that_is_not_recorded_was_not_applied(void **state)
{
	static const struct migration unrecorded[] = {
	    {5, "five", "CREATE TABLE five (); ALTER TABLE schema_migrations RENAME TO gone"},
	    {0, NULL, NULL},
	};

	(void)state;
	assert_err(ERR_INTERNAL, pg_migrate(pg, unrecorded, NULL));
	assert_int_equal(query("SELECT (to_regclass('five') IS NOT NULL)::int"), 0);
	assert_int_equal(query("SELECT max(version) FROM schema_migrations"), 2);
}

static const struct migration slow[] = {
    {10, "slow", "CREATE TABLE slow (); SELECT pg_sleep(0.1); INSERT INTO one VALUES (10)"},
    {0, NULL, NULL},
};

static void *
migrate_beside(void *result)
{
	struct pg *own = NULL;
	enum err *err = result;

	*err = pg_new(database.url, 50, &clock_system, &own);
	if (*err == ERR_OK)
		*err = pg_migrate(own, slow, NULL);
	pg_free(&own);
	return NULL;
}

static void
test_all_pods_at_once(void **state)
{
	pthread_t threads[8];
	enum err errors[8];

	(void)state;
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, migrate_beside, &errors[i]), 0);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (size_t i = 0; i < 8; i++)
		assert_err(ERR_OK, errors[i]);
	assert_int_equal(query("SELECT count(*) FROM one WHERE n = 10"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_is_applied_once_and_in_order),
	    cmocka_unit_test(test_the_serving_role_gets_what_the_schema_grants),
	    cmocka_unit_test(test_a_broken_one_leaves_nothing),
	    cmocka_unit_test(test_one_that_is_not_recorded_was_not_applied),
	    cmocka_unit_test(test_all_pods_at_once),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

#include "tests/unit/auth/auth_rig.h"

#include "fcgi/auth/rate_store.h"

static const struct rate_policy three = {"three", 3, 60};
static const struct rate_policy other = {"other", 3, 60};

static int
setup(void **state)
{
	(void)sql("TRUNCATE rate_limits");
	return rig_call(state);
}

static struct rate_state
take(struct pg *pg, const struct rate_policy *policy, const char *key)
{
	struct rate_state state;

	assert_err(ERR_OK, rate_store_take(pg, &rig.call.deadline, policy, key, &state));
	return state;
}

static void
test_pods_share_a_window(void **state)
{
	struct pg *other_pod = NULL;
	struct rate_state last;

	(void)state;
	assert_err(ERR_OK, pg_new(rig.database.url, 0, &clock_system, &other_pod));
	last = take(rig.call.pg, &three, "192.0.2.1");
	assert_true(last.allowed);
	assert_int_equal(last.remaining, 2);
	assert_int_equal(last.reset_s, 20);
	assert_true(take(other_pod, &three, "192.0.2.1").allowed);
	assert_int_equal(take(rig.call.pg, &three, "192.0.2.1").remaining, 0);
	last = take(other_pod, &three, "192.0.2.1");
	assert_false(last.allowed);
	assert_int_equal(last.remaining, 0);
	assert_true(last.retry_after_s >= 15 && last.retry_after_s <= 20);
	assert_true(last.reset_s >= 50 && last.reset_s <= 60);
	/* Others are others. */
	assert_true(take(other_pod, &three, "192.0.2.2").allowed);
	assert_true(take(other_pod, &other, "192.0.2.1").allowed);
	pg_free(&other_pod);
}

static void
test_a_window_fills_again(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(take(rig.call.pg, &three, "x").allowed);
	(void)sql("UPDATE rate_limits SET whole_at = whole_at - interval '21 seconds'");
	assert_true(take(rig.call.pg, &three, "x").allowed);
	assert_false(take(rig.call.pg, &three, "x").allowed);
	/* However long ago: it holds no more than its window. */
	(void)sql("UPDATE rate_limits SET whole_at = now() - interval '1 day'");
	for (int i = 0; i < 3; i++)
		assert_true(take(rig.call.pg, &three, "x").allowed);
	assert_false(take(rig.call.pg, &three, "x").allowed);
}

static void
test_without_its_store_nothing_is_allowed(void **state)
{
	struct rate_state untouched = {.allowed = false, .remaining = 7};
	struct pg *nowhere = NULL;

	(void)state;
	assert_err(ERR_OK, pg_new("postgresql://x@127.0.0.1:1/x", 0, &clock_system, &nowhere));
	assert_err(
	    ERR_UNAVAILABLE, rate_store_take(nowhere, &rig.call.deadline, &three, "x", &untouched));
	assert_int_equal(untouched.remaining, 7);
	pg_free(&nowhere);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, setup)
	    TEST(test_pods_share_a_window),
	    TEST(test_a_window_fills_again),
	    TEST(test_without_its_store_nothing_is_allowed),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "tests/unit/unit.h"

#include "shared/edge/ratelimit.h"

static const struct rate_policy six = {"six", 6, 60};
static struct ratelimit *limit;

static int
setup(void **state)
{
	(void)state;
	return ratelimit_new(64, &limit) == ERR_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	ratelimit_free(&limit);
	ratelimit_free(&limit);
	return 0;
}

static struct rate_state
take(const struct rate_policy *policy, const char *key, int64_t now_ms)
{
	struct rate_state out;

	ratelimit_take(limit, policy, key, now_ms, &out);
	return out;
}

static void
a_window_s_requests_may_come_at_once(void **state)
{
	struct rate_state got;

	(void)state;
	for (int i = 0; i < 6; i++) {
		got = take(&six, "k", 1000);
		assert_true(got.allowed);
		assert_int_equal(got.remaining, 5 - i);
		assert_int_equal(got.reset_s, 10 * (i + 1));
		assert_int_equal(got.retry_after_s, 0);
	}
	got = take(&six, "k", 1000);
	assert_false(got.allowed);
	assert_int_equal(got.remaining, 0);
	assert_int_equal(got.retry_after_s, 10);
	assert_int_equal(got.reset_s, 60);
}

static void
then_one_each_step(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++)
		(void)take(&six, "k", 0);
	assert_false(take(&six, "k", 9999).allowed);
	assert_int_equal(take(&six, "k", 9999).retry_after_s, 1);
	assert_true(take(&six, "k", 10000).allowed);
	assert_false(take(&six, "k", 10000).allowed);
	assert_true(take(&six, "k", 20000).allowed);
	assert_int_equal(take(&six, "k", 200000).remaining, 5);
}

static void
refused_requests_cost_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		(void)take(&six, "k", 0);
	assert_true(take(&six, "k", 10000).allowed);
}

static void
keys_and_policies_are_apart(void **state)
{
	static const struct rate_policy other = {"other", 6, 60};

	(void)state;
	for (int i = 0; i < 7; i++)
		(void)take(&six, "k", 0);
	assert_false(take(&six, "k", 0).allowed);
	assert_true(take(&six, "l", 0).allowed);
	assert_true(take(&other, "k", 0).allowed);
}

static void
no_requests_means_no_limit(void **state)
{
	static const struct rate_policy none = {"none", 0, 60};
	static const struct rate_policy many = {"many", INT64_C(1000000000000), 1};

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_true(take(&none, "k", 0).allowed);
	assert_true(take(&many, "k", 0).allowed);
}

/* Many more keys than there is room for: the table stays as it is, and who is limited stays so
 * as long as those who came once make room. */
static void
the_most_used_key_is_kept(void **state)
{
	(void)state;
	for (int i = 0; i < 7; i++)
		(void)take(&six, "busy", 0);
	for (int i = 0; i < 1000; i++) {
		char key[16];

		(void)snprintf(key, sizeof(key), "%d", i);
		assert_true(take(&six, key, 0).allowed);
	}
	assert_false(take(&six, "busy", 0).allowed);
}

#define THREADS 4

static atomic_int allowed;

static void *
take_many(void *unused)
{
	static const struct rate_policy hundred = {"hundred", 100, 60};

	(void)unused;
	for (int i = 0; i < 100; i++)
		if (take(&hundred, "k", 0).allowed)
			(void)atomic_fetch_add(&allowed, 1);
	return NULL;
}

static void
threads_share_one_limit(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_many, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&allowed), 100);
}

#define limit_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    limit_test(a_window_s_requests_may_come_at_once),
	    limit_test(then_one_each_step),
	    limit_test(refused_requests_cost_nothing),
	    limit_test(keys_and_policies_are_apart),
	    limit_test(no_requests_means_no_limit),
	    limit_test(the_most_used_key_is_kept),
	    limit_test(threads_share_one_limit),
	};

	return cmocka_run_group_tests_name("edge/ratelimit", tests, NULL, NULL);
}

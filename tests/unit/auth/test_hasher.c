#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "fcgi/auth/hasher.h"

/* A hash of cost 14 takes a second: it is there while a test looks at the queue behind it. */
#define SLOW_COST 14

static const char phrase[PASSWORD_PREHASH_SIZE] =
    "aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQh";

static struct deadline
in_ms(int64_t ms)
{
	return deadline_in(&clock_system, ms);
}

static struct hasher *
start(size_t threads, size_t callers, int64_t wait_max_ms, int64_t cost)
{
	const struct hasher_settings settings = {threads, callers, wait_max_ms, cost};
	struct hasher *hasher = NULL;

	assert_err(ERR_OK, hasher_new(&settings, &hasher));
	return hasher;
}

static void
test_it_is_bcrypt(void **state)
{
	/* By Python's crypt of the same library. */
	static const char expected[] =
	    "$2b$04$abcdefghijklmnopqrstuu8p/OAvmjrMfEXd/kSviz8fIcSvCucL.";
	struct hasher *hasher = start(1, 1, 1000, 4);
	const struct deadline deadline = in_ms(30000);
	struct hasher_turn turn;
	char out[PASSWORD_HASH_SIZE];
	char again[PASSWORD_HASH_SIZE];

	(void)state;
	assert_err(ERR_OK,
	    hasher_run(hasher, &deadline, phrase, "$2b$04$abcdefghijklmnopqrstuu", out, &turn));
	assert_string_equal(out, expected);
	/* A stored hash begins with its setting. */
	assert_err(ERR_OK, hasher_run(hasher, &deadline, phrase, expected, again, &turn));
	assert_string_equal(again, expected);
	hasher_free(&hasher);
	hasher_free(&hasher);
}

static void
test_what_crypt_takes_for_another_method_is_refused(void **state)
{
	static const char *const settings[] = {
	    "", "ab", "$1$abcdefgh$", "$5$abcdefgh$", "$2a$04$abcdefghijklmnopqrstuu", "*0"};
	struct hasher *hasher = start(1, 1, 1000, 4);
	const struct deadline deadline = in_ms(30000);
	struct hasher_turn turn;
	char out[PASSWORD_HASH_SIZE] = "untouched";

	(void)state;
	for (size_t i = 0; i < COUNT_OF(settings); i++)
		assert_err(
		    ERR_INTERNAL, hasher_run(hasher, &deadline, phrase, settings[i], out, &turn));
	assert_string_equal(out, "untouched");
	hasher_free(&hasher);
}

struct caller {
	pthread_t thread;
	struct hasher *hasher;
	int64_t deadline_ms;
	int64_t cost;
	enum err err;
	struct hasher_turn turn;
	char hash[PASSWORD_HASH_SIZE];
	_Atomic bool told;
};

static void *
call(void *argument)
{
	struct caller *caller = argument;
	const struct deadline deadline = in_ms(caller->deadline_ms);
	char setting[PASSWORD_SETTING_SIZE];

	password_setting(caller->cost, setting);
	caller->err =
	    hasher_run(caller->hasher, &deadline, phrase, setting, caller->hash, &caller->turn);
	atomic_store(&caller->told, true);
	return NULL;
}

static void
start_caller(struct caller *caller, struct hasher *hasher, int64_t deadline_ms, int64_t cost)
{
	*caller = (struct caller){.hasher = hasher, .deadline_ms = deadline_ms, .cost = cost};
	assert_int_equal(pthread_create(&caller->thread, NULL, call, caller), 0);
}

static void
wait_until(struct hasher *hasher, int64_t running, int64_t queued)
{
	struct hasher_stats stats;

	do
		hasher_stats(hasher, &stats);
	while (stats.running != running || stats.queued != queued);
}

/* Starts CALLER, who gives up after DEADLINE_MS, and whose hash runs when this returns.  Should
 * that time pass before it begins, as it may on a busy host, CALLER comes again. */
static void
start_running(struct caller *caller, struct hasher *hasher, int64_t deadline_ms)
{
	struct hasher_stats stats = {.running = 0};
	bool told;

	while (stats.running == 0) {
		start_caller(caller, hasher, deadline_ms, SLOW_COST);
		do {
			told = atomic_load(&caller->told);
			hasher_stats(hasher, &stats);
		} while (stats.running == 0 && !told);
		if (stats.running == 0)
			assert_int_equal(pthread_join(caller->thread, NULL), 0);
	}
}

static void
test_many_callers_get_each_their_own(void **state)
{
	struct hasher *hasher = start(2, 16, 60000, 4);
	struct caller callers[16];
	struct hasher_stats stats;

	(void)state;
	for (size_t i = 0; i < 16; i++)
		start_caller(&callers[i], hasher, 30000, 4);
	for (size_t i = 0; i < 16; i++) {
		assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
		assert_err(ERR_OK, callers[i].err);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(callers[i].hash, callers[j].hash);
	}
	hasher_stats(hasher, &stats);
	assert_int_equal(stats.hashed, 16);
	assert_int_equal(stats.refused + stats.queued + stats.running, 0);
	hasher_free(&hasher);
}

static void
test_no_more_callers_than_allowed(void **state)
{
	struct hasher *hasher = start(1, 2, 1000000, SLOW_COST);
	const struct deadline deadline = in_ms(1000000);
	struct caller running;
	struct caller queued;
	struct hasher_turn turn;
	struct hasher_stats stats;
	char out[PASSWORD_HASH_SIZE];

	(void)state;
	start_caller(&running, hasher, 1000000, SLOW_COST);
	wait_until(hasher, 1, 0);
	start_caller(&queued, hasher, 1000000, 4);
	wait_until(hasher, 1, 1);
	assert_err(ERR_BUSY,
	    hasher_run(hasher, &deadline, phrase, "$2b$04$abcdefghijklmnopqrstuu", out, &turn));
	assert_true(turn.retry_after_s >= 1);
	hasher_stats(hasher, &stats);
	assert_int_equal(stats.refused, 1);
	assert_int_equal(pthread_join(running.thread, NULL), 0);
	assert_int_equal(pthread_join(queued.thread, NULL), 0);
	assert_err(ERR_OK, running.err);
	assert_err(ERR_OK, queued.err);
	assert_true(queued.turn.waited_ms > 0);
	hasher_free(&hasher);
}

/* A hash of cost 14 is expected to take 1 s: nobody is let in to wait for it who has less time. */
static void
test_a_queue_that_is_too_slow_is_not_joined(void **state)
{
	struct hasher *hasher = start(1, 10, 999, SLOW_COST);
	const struct deadline patient = in_ms(1000000);
	struct caller running;
	struct hasher_turn turn;
	char out[PASSWORD_HASH_SIZE];

	(void)state;
	start_caller(&running, hasher, 1000000, SLOW_COST);
	wait_until(hasher, 1, 0);
	assert_err(ERR_BUSY,
	    hasher_run(hasher, &patient, phrase, "$2b$04$abcdefghijklmnopqrstuu", out, &turn));
	assert_int_equal(turn.retry_after_s, 2);
	assert_int_equal(pthread_join(running.thread, NULL), 0);
	assert_err(ERR_OK, running.err);
	hasher_free(&hasher);
}

static void
test_a_callers_deadline_frees_its_place(void **state)
{
	/* It thinks that hashes are quick, so that both are let in. */
	struct hasher *hasher = start(1, 2, 60000, 4);
	struct caller running;
	struct caller queued;
	struct hasher_stats stats;

	(void)state;
	start_running(&running, hasher, 200);
	start_caller(&queued, hasher, 100, 4);
	assert_int_equal(pthread_join(queued.thread, NULL), 0);
	assert_err(ERR_DEADLINE, queued.err);
	assert_true(queued.turn.retry_after_s >= 1);
	hasher_stats(hasher, &stats);
	assert_int_equal(stats.queued, 0);
	assert_int_equal(pthread_join(running.thread, NULL), 0);
	assert_err(ERR_DEADLINE, running.err);
	/* The place of the one that runs on is free when it ends. */
	wait_until(hasher, 0, 0);
	start_caller(&running, hasher, 30000, 4);
	start_caller(&queued, hasher, 30000, 4);
	assert_int_equal(pthread_join(running.thread, NULL), 0);
	assert_int_equal(pthread_join(queued.thread, NULL), 0);
	hasher_stats(hasher, &stats);
	assert_err(ERR_OK, running.err);
	assert_err(ERR_OK, queued.err);
	assert_int_equal(stats.hashed, 3);
	hasher_free(&hasher);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_it_is_bcrypt),
	    cmocka_unit_test(test_what_crypt_takes_for_another_method_is_refused),
	    cmocka_unit_test(test_many_callers_get_each_their_own),
	    cmocka_unit_test(test_no_more_callers_than_allowed),
	    cmocka_unit_test(test_a_queue_that_is_too_slow_is_not_joined),
	    cmocka_unit_test(test_a_callers_deadline_frees_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

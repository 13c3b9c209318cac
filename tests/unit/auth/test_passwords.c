#include <string.h>

#include "tests/unit/unit.h"

#include "fcgi/auth/passwords.h"
#include "shared/base/log.h"
#include "shared/edge/metrics.h"

static struct metrics *metrics;
static struct arena *arena;
static struct fault fault;

static struct passwords *
start(const char *pepper, const char *pepper_old, int64_t cost)
{
	const struct passwords_settings settings = {.pepper = pepper,
	    .pepper_old = pepper_old,
	    .cost = cost,
	    .hasher = {.threads = 1, .callers_max = 4, .wait_max_ms = 60000, .cost = cost}};
	struct passwords *passwords = NULL;

	assert_err(ERR_OK, passwords_new(&settings, metrics, &passwords));
	return passwords;
}

static struct password_hash
hash(struct passwords *passwords, const char *password)
{
	const struct deadline deadline = deadline_in(&clock_system, 30000);
	struct password_hash made;

	assert_err(ERR_OK, passwords_hash(passwords, &deadline, password, &fault, &made));
	return made;
}

static enum err
verify(struct passwords *passwords, const char *password, const char *stored, const char *pepper_id,
    struct password_verdict *out)
{
	const struct deadline deadline = deadline_in(&clock_system, 30000);

	return passwords_verify(passwords, &deadline, password, stored, pepper_id, &fault, out);
}

static int
setup(void **state)
{
	(void)state;
	log_init("test", LOG_ERROR + 1, 2);
	if (metrics_new(&metrics) != ERR_OK || arena_new(4096, &arena) != ERR_OK)
		return -1;
	fault_init(&fault, arena);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	metrics_free(&metrics);
	arena_free(&arena);
	return 0;
}

static void
test_right_and_wrong(void **state)
{
	struct passwords *passwords = start("a pepper of ours", "", 4);
	struct password_hash stored = hash(passwords, "analytical engine");
	struct password_hash again = hash(passwords, "analytical engine");
	struct password_verdict verdict;

	(void)state;
	assert_string_not_equal(stored.text, again.text); /* salted */
	assert_err(ERR_OK,
	    verify(passwords, "analytical engine", stored.text, stored.pepper_id, &verdict));
	assert_true(verdict.matches);
	assert_false(verdict.outdated);
	assert_err(ERR_OK,
	    verify(passwords, "analytical enginE", stored.text, stored.pepper_id, &verdict));
	assert_false(verdict.matches);
	passwords_free(&passwords);
	passwords_free(&passwords);
}

static void
test_an_unknown_account_costs_a_hash_too(void **state)
{
	struct passwords *passwords = start("a pepper of ours", "", 4);
	struct password_verdict verdict;
	struct hasher_stats stats;

	(void)state;
	assert_err(ERR_OK, verify(passwords, "analytical engine", NULL, NULL, &verdict));
	assert_false(verdict.matches);
	passwords_stats(passwords, &stats);
	assert_int_equal(stats.hashed, 1);
	passwords_free(&passwords);
}

static void
test_another_cost_is_outdated(void **state)
{
	struct passwords *cheap = start("a pepper of ours", "", 4);
	struct passwords *dear = start("a pepper of ours", "", 5);
	struct password_hash stored = hash(cheap, "analytical engine");
	struct password_verdict verdict;

	(void)state;
	assert_err(
	    ERR_OK, verify(dear, "analytical engine", stored.text, stored.pepper_id, &verdict));
	assert_true(verdict.matches);
	assert_true(verdict.outdated);
	stored = hash(dear, "analytical engine");
	assert_memory_equal(stored.text, "$2b$05$", 7);
	passwords_free(&cheap);
	passwords_free(&dear);
}

static void
test_the_old_pepper_still_works(void **state)
{
	struct passwords *before = start("yesterday's pepper", "", 4);
	struct passwords *after = start("today's own pepper", "yesterday's pepper", 4);
	struct password_hash stored = hash(before, "analytical engine");
	struct password_verdict verdict;

	(void)state;
	assert_err(
	    ERR_OK, verify(after, "analytical engine", stored.text, stored.pepper_id, &verdict));
	assert_true(verdict.matches);
	assert_true(verdict.outdated);
	stored = hash(after, "analytical engine");
	assert_err(
	    ERR_OK, verify(after, "analytical engine", stored.text, stored.pepper_id, &verdict));
	assert_true(verdict.matches);
	assert_false(verdict.outdated);
	/* Whoever does not have the new one can't tell. */
	assert_err(ERR_CORRUPT,
	    verify(before, "analytical engine", stored.text, stored.pepper_id, &verdict));
	passwords_free(&before);
	passwords_free(&after);
}

static void
test_the_pepper_counts(void **state)
{
	struct passwords *ours = start("a pepper of ours", "", 4);
	struct passwords *theirs = start("a pepper of thine", "", 4);
	struct password_hash stored = hash(theirs, "analytical engine");
	struct password_hash named = hash(ours, "x");
	struct password_verdict verdict;

	(void)state;
	assert_err(
	    ERR_OK, verify(ours, "analytical engine", stored.text, named.pepper_id, &verdict));
	assert_false(verdict.matches);
	passwords_free(&ours);
	passwords_free(&theirs);
}

static void
test_what_is_no_hash_is_not_compared(void **state)
{
	struct passwords *passwords = start("a pepper of ours", "", 4);
	struct password_hash stored = hash(passwords, "x");
	struct password_verdict verdict;

	(void)state;
	assert_err(ERR_CORRUPT, verify(passwords, "x", "*0", stored.pepper_id, &verdict));
	assert_err(ERR_CORRUPT, verify(passwords, "x", "", stored.pepper_id, &verdict));
	passwords_free(&passwords);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_right_and_wrong),
	    cmocka_unit_test(test_an_unknown_account_costs_a_hash_too),
	    cmocka_unit_test(test_another_cost_is_outdated),
	    cmocka_unit_test(test_the_old_pepper_still_works),
	    cmocka_unit_test(test_the_pepper_counts),
	    cmocka_unit_test(test_what_is_no_hash_is_not_compared),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

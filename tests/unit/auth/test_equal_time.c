/*
 * Does the time of an answer tell whether there is an account?  Known and unknown ones take turns,
 * in an order by chance, 200 times each; Welch's t between the two is below 5.  Hashing costs next
 * to nothing here, so that it hides no difference.
 */
#include "tests/unit/auth/account_rig.h"

#include <time.h>

#include "fcgi/auth/link_courier.h"
#include "fcgi/auth/password_flow.h"

#define SAMPLES 200

struct sample { /* by Welford's method */
	double count, mean, squares;
};

static void
sample_add(struct sample *sample, double value)
{
	double delta = value - sample->mean;

	sample->count += 1;
	sample->mean += delta / sample->count;
	sample->squares += delta * (value - sample->mean);
}

/* The square of Welch's t. */
static double
welch_t_squared(const struct sample *a, const struct sample *b)
{
	double spread_a = a->squares / (a->count - 1) / a->count;
	double spread_b = b->squares / (b->count - 1) / b->count;

	return (a->mean - b->mean) * (a->mean - b->mean) / (spread_a + spread_b);
}

static double
now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* One address for each statement, as they are known by it. */
static const struct pg_statement forgive_failures = {
    "forgive_failures", "DELETE FROM login_failures"};
static const struct pg_statement forget_links = {"forget_links", "DELETE FROM email_tokens"};
/* The disk's time would hide what there is to see. */
static const struct pg_statement leave_the_disk = {
    "leave_the_disk", "SET synchronous_commit = off"};

static void
run(const struct pg_statement *statement)
{
	assert_err(ERR_OK, pg_run(rig.call.pg, &rig.call.deadline, statement, NULL, 0, NULL));
}

static void
wrong_password(const char *email)
{
	assert_err(ERR_CREDENTIALS, try_sign_in(email, "not the password"));
}

static void
forgot(const char *email)
{
	assert_err(ERR_OK, password_forgot(&rig.call, email));
}

/* Each time a fresh deadline and arena; what was counted is forgotten in between, so that
 * nothing is locked and every request for a link is seen to. */
static void
assert_equal_time(void (*ask)(const char *email), const char *one, const char *other)
{
	struct sample samples[2] = {{.count = 0}};
	const char *const emails[2] = {one, other};
	double t_squared;

	for (size_t i = 0; i < 2 * SAMPLES + 20; i++) {
		static unsigned first;
		size_t which;
		double start;

		if (i % 2 == 0) {
			(void)rig_call(NULL);
			run(&forgive_failures);
			run(&forget_links);
			random_bytes(&first, sizeof(first));
		}
		which = (i + first) % 2;
		start = now_us();
		ask(emails[which]);
		if (i >= 20) /* the first ones prepare statements */
			sample_add(&samples[which], now_us() - start);
	}
	t_squared = welch_t_squared(&samples[0], &samples[1]);
	print_message("%s %.0f us, %s %.0f us: t^2 = %.2f\n", one, samples[0].mean, other,
	    samples[1].mean, t_squared);
	assert_true(t_squared < 25);
}

static int
setup(void **state)
{
	(void)rig_call(state);
	run(&leave_the_disk);
	(void)make_account("ada@example.org");
	(void)sql("UPDATE users SET disabled = true WHERE id = '%s'",
	    make_account("eve@example.org").id.text);
	return 0;
}

static void
test_sign_in(void **state)
{
	(void)state;
	assert_equal_time(wrong_password, "ada@example.org", "nobody@example.org");
	assert_equal_time(wrong_password, "eve@example.org", "nobody@example.org");
}

/* With the courier at work beside it. */
static void
test_forgot(void **state)
{
	struct link_courier *courier = NULL;

	(void)state;
	assert_err(ERR_OK, link_courier_start(rig.database.url, &clock_system, &courier));
	assert_equal_time(forgot, "ada@example.org", "nobody@example.org");
	assert_equal_time(forgot, "eve@example.org", "nobody@example.org");
	link_courier_stop(&courier);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_sign_in, setup, account_teardown),
	    cmocka_unit_test_setup_teardown(test_forgot, setup, account_teardown),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

#include "tests/unit/unit.h"

#include "notifier/schedule.h"

static const uint32_t some_dice[] = {0, 1, 12345, 0x7fffffff, 0xffffffff};

#define DICE COUNT_OF(some_dice)

static void
mails_are_tried_again_within_seconds_then_hours(void **state)
{
	static const int64_t steps_s[] = {
	    5, 30, 120, 300, 600, 1200, 2400, 3600, 7200, 10800, 14400, 14400, 14400};

	(void)state;
	for (int64_t i = 0; i < (int64_t)COUNT_OF(steps_s); i++)
		for (size_t d = 0; d < DICE; d++)
			assert_in_range(schedule_email_ms(i + 1, some_dice[d]), steps_s[i] * 800,
			    steps_s[i] * 1200);
}

static void
about_a_dozen_tries_fill_the_day(void **state)
{
	int64_t age_ms = 0;
	int64_t tries = 1;

	(void)state;
	while (age_ms < SCHEDULE_EMAIL_MAX_MS)
		age_ms += schedule_email_ms(tries++, 0x80000000);
	assert_in_range(tries, 10, 20);
}

static void
an_unknown_recipient_is_looked_for_soon(void **state)
{
	(void)state;
	for (size_t d = 0; d < DICE; d++) {
		assert_in_range(schedule_contact_ms(1, some_dice[d]), 200, 300);
		assert_in_range(schedule_contact_ms(2, some_dice[d]), 800, 1200);
		assert_in_range(schedule_contact_ms(1000, some_dice[d]), 2880000, 4320000);
	}
}

static void
the_dice_spread_it(void **state)
{
	(void)state;
	assert_int_not_equal(schedule_email_ms(3, 1), schedule_email_ms(3, 20001));
}

static void
webhooks_follow_the_standard_schedule(void **state)
{
	static const int64_t steps_s[] = {5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};
	int64_t sum_ms = 0;

	(void)state;
	assert_int_equal(COUNT_OF(steps_s), SCHEDULE_WEBHOOK_ATTEMPTS - 1);
	for (int64_t i = 0; i < SCHEDULE_WEBHOOK_ATTEMPTS - 1; i++)
		for (size_t d = 0; d < DICE; d++)
			assert_in_range(schedule_webhook_ms(i + 1, 0, some_dice[d]),
			    steps_s[i] * 800, steps_s[i] * 1200);
	for (int64_t i = 1; i < SCHEDULE_WEBHOOK_ATTEMPTS; i++)
		sum_ms += schedule_webhook_ms(i, 0, 0xffffffff);
	assert_true(sum_ms < SCHEDULE_WEBHOOK_FAILING_MAX_MS);
	assert_int_not_equal(schedule_webhook_ms(3, 0, 1), schedule_webhook_ms(3, 0, 20001));
}

static void
nobody_is_called_earlier_than_they_asked_for(void **state)
{
	(void)state;
	for (size_t d = 0; d < DICE; d++) {
		assert_in_range(schedule_webhook_ms(1, 120, some_dice[d]), 120000, 132000);
		/* But not sooner than without a word either. */
		assert_in_range(schedule_webhook_ms(2, 1, some_dice[d]), 240000, 360000);
		assert_in_range(
		    schedule_webhook_ms(1, INT64_MAX, some_dice[d]), 86400000, 95040000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mails_are_tried_again_within_seconds_then_hours),
	    cmocka_unit_test(about_a_dozen_tries_fill_the_day),
	    cmocka_unit_test(an_unknown_recipient_is_looked_for_soon),
	    cmocka_unit_test(the_dice_spread_it),
	    cmocka_unit_test(webhooks_follow_the_standard_schedule),
	    cmocka_unit_test(nobody_is_called_earlier_than_they_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

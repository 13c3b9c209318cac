#include "tests/unit/unit.h"

#include "notifier/schedule.h"

static const uint32_t some_dice[] = {0, 1, 12345, 0x7fffffff, 0xffffffff};

#define DICE (sizeof(some_dice) / sizeof(some_dice[0]))

static void
mails_are_tried_again_within_seconds_then_hours(void **state)
{
	static const int64_t steps_s[] = {
	    5, 30, 120, 300, 600, 1200, 2400, 3600, 7200, 10800, 14400, 14400, 14400};

	(void)state;
	for (int64_t i = 0; i < (int64_t)(sizeof(steps_s) / sizeof(steps_s[0])); i++)
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mails_are_tried_again_within_seconds_then_hours),
	    cmocka_unit_test(about_a_dozen_tries_fill_the_day),
	    cmocka_unit_test(an_unknown_recipient_is_looked_for_soon),
	    cmocka_unit_test(the_dice_spread_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

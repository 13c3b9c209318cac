#include "tests/unit/unit.h"

#include "notifier/intake.h"

static int
make_intake(void **state)
{
	return intake_new(2, (struct intake **)state) == ERR_OK ? 0 : -1;
}

static int
drop_intake(void **state)
{
	intake_free((struct intake **)state);
	return 0;
}

static void
all_queues_or_none(void **state)
{
	struct intake *intake = *state;
	char detail[64] = "";

	assert_err(ERR_UNAVAILABLE, intake_check(intake, detail, sizeof(detail)));
	assert_string_equal("0 of 2 queues are consumed", detail);
	intake_begin(intake);
	assert_err(ERR_UNAVAILABLE, intake_check(intake, detail, sizeof(detail)));
	assert_string_equal("1 of 2 queues are consumed", detail);
	intake_begin(intake);
	detail[0] = '\0';
	assert_err(ERR_OK, intake_check(intake, detail, sizeof(detail)));
	assert_string_equal("", detail);
	intake_end(intake);
	assert_err(ERR_UNAVAILABLE, intake_check(intake, detail, sizeof(detail)));
	intake_begin(intake);
	assert_err(ERR_OK, intake_check(intake, detail, sizeof(detail)));
}

static void
a_queue_that_is_refused_is_named(void **state)
{
	struct intake *intake = *state;
	char detail[128] = "";

	intake_begin(intake);
	intake_refused(intake, "a.queue");
	assert_err(ERR_UNAVAILABLE, intake_check(intake, detail, sizeof(detail)));
	assert_string_equal("queue a.queue exists with other arguments, or is forbidden", detail);
	intake_refused(intake, NULL);
	assert_err(ERR_UNAVAILABLE, intake_check(intake, detail, sizeof(detail)));
	assert_string_equal("1 of 2 queues are consumed", detail);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(all_queues_or_none, make_intake, drop_intake),
	    cmocka_unit_test_setup_teardown(
		a_queue_that_is_refused_is_named, make_intake, drop_intake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

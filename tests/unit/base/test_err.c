#include <stdbool.h>
#include <string.h>

#include "tests/unit/unit.h"

static void
a_row_gives_status_code_title_and_name(void **state)
{
	(void)state;
	assert_int_equal(err_status(ERR_STOCK), 409);
	assert_string_equal(err_code(ERR_STOCK), "insufficient_stock");
	assert_string_equal(err_title(ERR_STOCK), "Not enough stock");
	assert_string_equal(err_name(ERR_STOCK), "ERR_STOCK");
}

static void
success_is_zero_and_the_only_row_below_400(void **state)
{
	(void)state;
	assert_int_equal(ERR_OK, 0);
	assert_int_equal(err_status(ERR_OK), 200);
	for (unsigned i = ERR_OK + 1; i < ERR_COUNT; i++)
		assert_in_range(err_status((enum err)i), 400, 599);
}

/* A client that knows the code knows the status, the title and what to do, too. */
static void
rows_with_one_code_say_the_same(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ERR_COUNT; i++) {
		for (unsigned j = 0; j < i; j++) {
			enum err a = (enum err)i;
			enum err b = (enum err)j;

			assert_string_not_equal(err_name(a), err_name(b));
			if (strcmp(err_code(a), err_code(b)) != 0)
				continue;
			assert_int_equal(err_status(a), err_status(b));
			assert_string_equal(err_title(a), err_title(b));
			assert_string_equal(err_detail(a), err_detail(b));
		}
	}
}

static void
codes_can_stand_in_a_path(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ERR_COUNT; i++) {
		const char *code = err_code((enum err)i);

		assert_int_equal(strspn(code, "abcdefghijklmnopqrstuvwxyz_"), strlen(code));
	}
}

static enum err
stop_at(enum err err, bool *went_on)
{
	TRY(err);
	*went_on = true;
	return ERR_OK;
}

static void
try_returns_the_first_failure(void **state)
{
	bool went_on = false;

	(void)state;
	assert_err(ERR_BUSY, stop_at(ERR_BUSY, &went_on));
	assert_false(went_on);
	assert_err(ERR_OK, stop_at(ERR_OK, &went_on));
	assert_true(went_on);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_row_gives_status_code_title_and_name),
	    cmocka_unit_test(success_is_zero_and_the_only_row_below_400),
	    cmocka_unit_test(rows_with_one_code_say_the_same),
	    cmocka_unit_test(codes_can_stand_in_a_path),
	    cmocka_unit_test(try_returns_the_first_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

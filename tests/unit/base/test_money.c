#include <string.h>

#include "tests/unit/unit.h"

#include "shared/base/money.h"

static struct money
euros(int64_t cents)
{
	return (struct money){cents, "EUR"};
}

static void
active_currencies_are_known(void **state)
{
	static const char *const known[] = {
	    "AED", "AFN", "CHF", "EUR", "GBP", "JPY", "KWD", "SLE", "USD", "XCG", "ZMW", "ZWG"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(known); i++)
		assert_true(money_currency_known(known[i]));
}

static void
others_are_not(void **state)
{
	static const char *const unknown[] = {"", "E", "EU", "eur", "Eur", "EURO", "EUR2", " EUR",
	    "EUR ", "EU2", "DEM", "HRK", "XAU", "XTS", "XXX", "AAA", "ZZZ", "\xE2\x82\xAC"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(unknown); i++)
		assert_false(money_currency_known(unknown[i]));
}

static void
each_has_its_digits(void **state)
{
	(void)state;
	assert_int_equal(money_currency_digits("EUR"), 2);
	assert_int_equal(money_currency_digits("JPY"), 0);
	assert_int_equal(money_currency_digits("KWD"), 3);
	assert_int_equal(money_currency_digits("CLF"), 4);
	assert_int_equal(money_currency_digits("DEM"), 2);
}

/* The search halves the table: a row out of order would be found by none. */
static void
every_code_of_three_letters_is_found_or_not_as_counted(void **state)
{
	char code[4] = "";
	int known = 0;

	(void)state;
	for (code[0] = 'A'; code[0] <= 'Z'; code[0]++)
		for (code[1] = 'A'; code[1] <= 'Z'; code[1]++)
			for (code[2] = 'A'; code[2] <= 'Z'; code[2]++)
				known += money_currency_known(code);
	assert_int_equal(known, 165);
}

static void
equal_means_amount_and_currency(void **state)
{
	struct money dollars = {100, "USD"};
	struct money a = euros(100);
	struct money b = euros(100);

	(void)state;
	assert_true(money_equal(&a, &b));
	assert_false(money_equal(&a, &dollars));
	b.amount_minor++;
	assert_false(money_equal(&a, &b));
}

static void
sums_stop_at_the_contracts_bound(void **state)
{
	struct money most = euros(MONEY_AMOUNT_MAX);
	struct money almost = euros(MONEY_AMOUNT_MAX - 1);
	struct money one = euros(1);
	struct money sum = {42, "XXX"};

	(void)state;
	assert_err(ERR_VALIDATION, money_add(&most, &one, &sum));
	assert_err(ERR_VALIDATION, money_add(&most, &most, &sum));
	assert_int_equal(sum.amount_minor, 42);
	assert_string_equal(sum.currency, "XXX");
	assert_err(ERR_OK, money_add(&almost, &one, &sum));
	assert_true(money_equal(&sum, &most));
}

static void
a_sum_may_be_written_over_its_part(void **state)
{
	struct money total = euros(100);
	struct money more = euros(99);

	(void)state;
	assert_err(ERR_OK, money_add(&total, &more, &total));
	assert_int_equal(total.amount_minor, 199);
	assert_string_equal(total.currency, "EUR");
}

static void
currencies_do_not_mix(void **state)
{
	struct money dollars = {100, "USD"};
	struct money a = euros(100);
	struct money sum = euros(42);

	(void)state;
	assert_err(ERR_VALIDATION, money_add(&a, &dollars, &sum));
	assert_int_equal(sum.amount_minor, 42);
}

static void
products_are_checked(void **state)
{
	struct money price = euros(1999);
	struct money out = euros(42);

	(void)state;
	assert_err(ERR_OK, money_times(&price, 3, &out));
	assert_int_equal(out.amount_minor, 5997);
	assert_err(ERR_OK, money_times(&price, 0, &out));
	assert_int_equal(out.amount_minor, 0);
	assert_string_equal(out.currency, "EUR");
	assert_err(ERR_VALIDATION, money_times(&price, -1, &out));
	assert_err(ERR_VALIDATION, money_times(&price, MONEY_AMOUNT_MAX / 1999 + 1, &out));
	assert_err(ERR_VALIDATION, money_times(&price, INT64_MAX, &out));
	assert_err(ERR_VALIDATION, money_times(&out, -1, &out)); /* though it would be 0 */
	/* 2^32 * 2^32 would come back as 0 if it wrapped. */
	price.amount_minor = INT64_C(1) << 32;
	assert_err(ERR_VALIDATION, money_times(&price, INT64_C(1) << 32, &out));
	assert_int_equal(out.amount_minor, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(active_currencies_are_known),
	    cmocka_unit_test(others_are_not),
	    cmocka_unit_test(each_has_its_digits),
	    cmocka_unit_test(every_code_of_three_letters_is_found_or_not_as_counted),
	    cmocka_unit_test(equal_means_amount_and_currency),
	    cmocka_unit_test(sums_stop_at_the_contracts_bound),
	    cmocka_unit_test(a_sum_may_be_written_over_its_part),
	    cmocka_unit_test(currencies_do_not_mix),
	    cmocka_unit_test(products_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <string.h>

#include "tests/unit/unit.h"

#include "notifier/mail_sender.h"

static void
a_name_and_an_address(void **state)
{
	struct mail_sender sender;

	(void)state;
	assert_err(ERR_OK, mail_sender_parse("My Shop  <shop@mail.example.org>", &sender));
	assert_string_equal(sender.name, "My Shop");
	assert_string_equal(sender.address, "shop@mail.example.org");
	assert_string_equal(sender.host, "mail.example.org");
	assert_err(ERR_OK, mail_sender_parse("<shop@localhost>", &sender));
	assert_string_equal(sender.name, "");
	assert_string_equal(sender.host, "localhost");
}

static void
an_address_alone(void **state)
{
	struct mail_sender sender;

	(void)state;
	assert_err(ERR_OK, mail_sender_parse("shop@localhost", &sender));
	assert_string_equal(sender.name, "");
	assert_string_equal(sender.address, "shop@localhost");
}

static void
what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {"", "shop", "Shop <shop>", "Shop <shop@localhost", "<>",
	    "@", "a@", "Shop <a@b> x", "Sh\nop <a@b>", "a@b\r\nBcc: c@d"};
	char longest[1000];
	struct mail_sender sender;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_err(ERR_CONFIG, mail_sender_parse(bad[i], &sender));
	memset(longest, 'a', sizeof(longest) - 1);
	memcpy(longest + 900, "@b", 2);
	longest[sizeof(longest) - 1] = '\0';
	assert_err(ERR_CONFIG, mail_sender_parse(longest, &sender));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_name_and_an_address),
	    cmocka_unit_test(an_address_alone),
	    cmocka_unit_test(what_is_no_address_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

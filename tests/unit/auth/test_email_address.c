#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "fcgi/auth/email_address.h"

static void
test_addresses(void **state)
{
	static const char *const good[] = {"a@b.cd", "ada.lovelace+tag@example.org",
	    "o'brien@example.co.uk", "x@xn--mller-kva.example", "j\xC3\xB6rg@m\xC3\xBCller.example",
	    "\xE6\x9D\x8E@\xE4\xBE\x8B\xE5\xAD\x90.example", "1@1.a1", "!#$%&'*+/=?^_`{|}~-@a.b"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		if (!email_address_valid(good[i]))
			fail_msg("refused: %s", good[i]);
}

static void
test_what_is_none(void **state)
{
	static const char *const bad[] = {"", "@", "a", "a@", "@b.cd", "a@b", "a@b.", "a@.b",
	    "a@b..cd", "a@@b.cd", "a@b@c.de", "a b@c.de", "a@b c.de", ".a@b.cd", "a.@b.cd",
	    "a..b@c.de", "a@-b.cd", "a@b-.cd", "a@b.-cd", "a@127.0.0.1", "a@[127.0.0.1]",
	    "\"a b\"@c.de", "a<b@c.de", "a>b@c.de", "a,b@c.de", "a;b@c.de", "a:b@c.de", "a\\b@c.de",
	    "a(b)@c.de", "a\n@b.cd", "a@b.cd\r\nBcc: x@y.zz", "a\t@b.cd", "a@b.cd ", " a@b.cd",
	    "a\xC2\xA0@b.cd" /* no-break space */, "a\xE2\x80\x8B@b.cd" /* zero width space */,
	    "a\xE2\x80\xAE@b.cd" /* right-to-left override */,
	    "a@b\xE3\x80\x80.cd" /* wide space */, "a\xC2\x85@b.cd" /* next line */, "a\xFF@b.cd",
	    "a@b_c.de"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (email_address_valid(bad[i]))
			fail_msg("taken: %s", bad[i]);
}

static void
test_lengths(void **state)
{
	char text[400];
	char label[64];

	(void)state;
	memset(label, 'b', sizeof(label) - 1);
	label[63] = '\0';
	(void)snprintf(text, sizeof(text), "a@%s.cd", label);
	assert_true(email_address_valid(text));
	(void)snprintf(text, sizeof(text), "a@b%s.cd", label);
	assert_false(email_address_valid(text));
	(void)snprintf(text, sizeof(text), "a%s@b.cd", label);
	assert_true(email_address_valid(text));
	(void)snprintf(text, sizeof(text), "aa%s@b.cd", label);
	assert_false(email_address_valid(text));
	/* 254 bytes and 255. */
	(void)snprintf(text, sizeof(text), "%s@%s.%s.%.61s", label, label, label, label);
	assert_int_equal(strlen(text), 253);
	assert_true(email_address_valid(text));
	(void)snprintf(text, sizeof(text), "%s@%s.%s.%.63s", label, label, label, label);
	assert_int_equal(strlen(text), 255);
	assert_false(email_address_valid(text));
}

static void
test_keys(void **state)
{
	static const char *const alike[][2] = {{"Ada@Example.ORG", "ada@example.org"},
	    {"J\xC3\x96RG@x.yz", "j\xC3\xB6rg@x.yz"},
	    {"jo\xCC\x88rg@x.yz", "j\xC3\xB6rg@x.yz"}, /* decomposed */
	    {"STRASSE@x.yz",
		"stra\xC3\x9F"
		"e@x.yz"},
	    {"\xCE\xA3\xCE\xA3@x.yz", "\xCF\x83\xCF\x82@x.yz"} /* sigma, and final sigma */};
	struct arena *arena = NULL;
	const char *left;
	const char *right;

	(void)state;
	assert_err(ERR_OK, arena_new(4096, &arena));
	for (size_t i = 0; i < COUNT_OF(alike); i++) {
		assert_err(ERR_OK, email_address_key(arena, alike[i][0], &left));
		assert_err(ERR_OK, email_address_key(arena, alike[i][1], &right));
		assert_string_equal(left, right);
	}
	assert_err(ERR_OK, email_address_key(arena, "a@x.yz", &left));
	assert_err(ERR_OK, email_address_key(arena, "b@x.yz", &right));
	assert_string_not_equal(left, right);
	assert_err(ERR_MALFORMED, email_address_key(arena, "\xFF", &left));
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_what_is_none),
	    cmocka_unit_test(test_lengths),
	    cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

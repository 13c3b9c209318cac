#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#include <openssl/evp.h>

#include "shared/base/check.h"
#include "shared/base/str.h"
#include "shared/infra/mail_header.h"

#define WORD_OPEN "=?UTF-8?B?"

static struct buf out;

static void
assert_text(const char *value, const char *line)
{
	buf_reset(&out);
	assert_err(ERR_OK, mail_header_text(&out, "Subject", value));
	assert_string_equal(out.data, line);
}

static void
assert_mailbox(const char *display, const char *address, const char *line)
{
	buf_reset(&out);
	assert_err(ERR_OK, mail_header_mailbox(&out, "To", display, address));
	assert_string_equal(out.data, line);
}

/* Reads encoded words as a mail reader does: each by itself, the folds between them dropped. */
static void
decode_words(const char *line, char *text, size_t size)
{
	size_t len = 0;

	for (const char *at = strstr(line, WORD_OPEN); at != NULL; at = strstr(at, WORD_OPEN)) {
		const char *end = strstr(at + strlen(WORD_OPEN), "?=");
		size_t chars;
		int bytes;

		assert_non_null(end);
		chars = (size_t)(end - at) - strlen(WORD_OPEN);
		assert_true(strlen(WORD_OPEN) + chars + 2 <= 75);
		check(len + chars < size);
		bytes = EVP_DecodeBlock((unsigned char *)text + len,
		    (const unsigned char *)at + strlen(WORD_OPEN), (int)chars);
		assert_true(bytes > 0);
		for (const char *pad = end - 1; *pad == '='; pad--)
			bytes--;
		assert_true(utf8_valid(text + len, (size_t)bytes));
		len += (size_t)bytes;
		at = end;
	}
	text[len] = '\0';
}

static void
assert_lines_fit(const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\r\n");

		assert_true(len <= 76);
		text += len;
		if (*text == '\0')
			break;
		assert_int_equal(strncmp(text, "\r\n ", 3), 0);
		text += 2;
	}
}

static void
plain_text_stays_as_it_is(void **state)
{
	(void)state;
	assert_text("Welcome to the shop", "Subject: Welcome to the shop");
	assert_text("", "Subject: ");
}

static void
other_text_is_encoded(void **state)
{
	(void)state;
	assert_text("Grüße", "Subject: =?UTF-8?B?R3LDvMOfZQ==?=");
}

/* A reader would show it decoded. */
static void
text_that_looks_encoded_is_encoded(void **state)
{
	(void)state;
	assert_text("=?UTF-8?Q?x?=", "Subject: =?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?=");
}

static void
long_text_is_folded_between_characters(void **state)
{
	char text[1024];
	char back[1024];

	(void)state;
	/* Characters of one to four bytes, from each column. */
	for (size_t lead = 0; lead < 8; lead++) {
		memset(text, 'a', lead);
		text[lead] = '\0';
		for (int i = 0; i < 30; i++)
			(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "é€🎉x");
		buf_reset(&out);
		assert_err(ERR_OK, mail_header_text(&out, "Subject", text));
		assert_lines_fit(out.data);
		decode_words(out.data, back, sizeof(back));
		assert_string_equal(back, text);
	}
}

static void
long_ascii_is_folded_too(void **state)
{
	char text[300];
	char back[400];

	(void)state;
	memset(text, 'b', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	buf_reset(&out);
	assert_err(ERR_OK, mail_header_text(&out, "Subject", text));
	assert_lines_fit(out.data);
	decode_words(out.data, back, sizeof(back));
	assert_string_equal(back, text);
}

static void
a_mailbox_has_its_name_quoted_or_encoded_as_needed(void **state)
{
	(void)state;
	assert_mailbox(NULL, "ann@example.org", "To: ann@example.org");
	assert_mailbox("", "ann@example.org", "To: ann@example.org");
	assert_mailbox("Ann Smith", "ann@example.org", "To: Ann Smith <ann@example.org>");
	assert_mailbox("Smith, Ann", "ann@example.org", "To: \"Smith, Ann\" <ann@example.org>");
	assert_mailbox(
	    "A \"B\" \\C", "ann@example.org", "To: \"A \\\"B\\\" \\\\C\" <ann@example.org>");
	assert_mailbox("x <eve@example.org>", "ann@example.org",
	    "To: \"x <eve@example.org>\" <ann@example.org>");
	assert_mailbox("Jörg", "ann@example.org", "To: =?UTF-8?B?SsO2cmc=?= <ann@example.org>");
	assert_mailbox("=?UTF-8?Q?x?=", "ann@example.org",
	    "To: =?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?= <ann@example.org>");
}

static void
a_long_mailbox_is_folded(void **state)
{
	char name[101];
	char back[200];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	buf_reset(&out);
	assert_err(ERR_OK, mail_header_mailbox(&out, "To", name, "ann@a-long-name.example.org"));
	assert_lines_fit(out.data);
	decode_words(out.data, back, sizeof(back));
	assert_string_equal(back, name);
	assert_non_null(strstr(out.data, " <ann@a-long-name.example.org>"));
}

static void
line_breaks_are_refused(void **state)
{
	static const char *const bad[] = {
	    "a\r\nBcc: eve@example.org", "a\nb", "a\rb", "a\tb", "a\x7f", "a\xc2\x85", "a\xff"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_err(ERR_MALFORMED, mail_header_text(&out, "Subject", bad[i]));
		assert_err(ERR_MALFORMED, mail_header_token(&out, "X-Shop-Event", bad[i]));
		assert_err(ERR_MALFORMED, mail_header_token(&out, bad[i], "x"));
		assert_err(
		    ERR_MALFORMED, mail_header_mailbox(&out, "To", bad[i], "ann@example.org"));
	}
}

static void
addresses_that_end_early_are_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    "ann",
	    "@example.org",
	    "ann@",
	    "a b@example.org",
	    "a@b@c",
	    "<a@example.org>",
	    "a@example.org>",
	    "a,b@example.org",
	    "a@b.org\r\n",
	    "a@b.org\nRCPT",
	    "\"a b\"@example.org",
	    "a@b.org SIZE=1",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_false(mail_address_valid(bad[i]));
		assert_err(ERR_MALFORMED, mail_header_mailbox(&out, "To", "Ann", bad[i]));
	}
	assert_true(mail_address_valid("ann+shop@example.org"));
	assert_true(mail_address_valid("jörg@exämple.org"));
}

static void
a_token_fits_its_line(void **state)
{
	char value[1000];

	(void)state;
	buf_reset(&out);
	assert_err(ERR_OK, mail_header_token(&out, "Message-ID", "<a.b@c>"));
	assert_string_equal(out.data, "Message-ID: <a.b@c>");
	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	assert_err(ERR_MALFORMED, mail_header_token(&out, "X-A", value));
	value[998 - 5] = '\0';
	assert_err(ERR_OK, mail_header_token(&out, "X-A", value));
}

static void
the_date_is_in_the_form_of_mails(void **state)
{
	(void)state;
	buf_reset(&out);
	mail_header_date(&out, "Date", INT64_C(784111777000));
	assert_string_equal(out.data, "Date: Sun, 06 Nov 1994 08:49:37 +0000");
}

static int
set_up(void **state)
{
	(void)state;
	buf_init(&out, 64 * 1024);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	buf_fini(&out);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_text_stays_as_it_is),
	    cmocka_unit_test(other_text_is_encoded),
	    cmocka_unit_test(text_that_looks_encoded_is_encoded),
	    cmocka_unit_test(long_text_is_folded_between_characters),
	    cmocka_unit_test(long_ascii_is_folded_too),
	    cmocka_unit_test(a_mailbox_has_its_name_quoted_or_encoded_as_needed),
	    cmocka_unit_test(a_long_mailbox_is_folded),
	    cmocka_unit_test(line_breaks_are_refused),
	    cmocka_unit_test(addresses_that_end_early_are_refused),
	    cmocka_unit_test(a_token_fits_its_line),
	    cmocka_unit_test(the_date_is_in_the_form_of_mails),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

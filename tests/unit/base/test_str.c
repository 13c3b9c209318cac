#include <string.h>

#include "tests/unit/arena_rig.h"

#include "shared/base/str.h"

static void
texts_are_compared(void **state)
{
	(void)state;
	assert_true(str_equal("abc", "abc"));
	assert_false(str_equal("abc", "abd"));
	assert_false(str_equal("abc", "ab"));
	assert_true(str_equal_nocase("Content-Type", "content-TYPE"));
	assert_true(str_equal_nocase("", ""));
	assert_false(str_equal_nocase("abc", "ab"));
	assert_false(str_equal_nocase("ab", "abc"));
	assert_true(str_starts_with("Bearer x", "Bearer "));
	assert_true(str_starts_with("abc", ""));
	assert_false(str_starts_with("ab", "abc"));
}

/* '@' and '`', '[' and '{' differ by the same bit as 'A' and 'a'. */
static void
only_ascii_letters_have_a_case(void **state)
{
	(void)state;
	assert_false(str_equal_nocase("@", "`"));
	assert_false(str_equal_nocase("[", "{"));
	assert_false(str_equal_nocase("Ä", "ä"));
}

static void
secrets_are_equal_in_every_byte(void **state)
{
	(void)state;
	assert_true(bytes_equal_secret("a\0b", 3, "a\0b", 3));
	assert_true(bytes_equal_secret(NULL, 0, NULL, 0));
	assert_false(bytes_equal_secret("a\0b", 3, "a\0c", 3));
	assert_false(bytes_equal_secret("abc", 3, "xbc", 3));
	assert_false(bytes_equal_secret("abc", 3, "abcd", 4));
	assert_false(bytes_equal_secret("abc", 3, NULL, 0));
}

static void
a_wiped_secret_is_gone(void **state)
{
	char secret[] = "hunter2";

	(void)state;
	bytes_wipe(secret, 6);
	assert_memory_equal(secret,
	    "\0\0\0\0\0\0"
	    "2",
	    8);
	bytes_wipe(NULL, 0);
}

static const char *const valid_texts[] = {
    "", "plain ASCII, longer than eight bytes", "\xC2\x80", /* U+0080, the first of two bytes */
    "\xDF\xBF",                                             /* U+07FF, the last */
    "\xE0\xA0\x80",                                         /* U+0800, the first of three */
    "\xED\x9F\xBF",                                         /* U+D7FF, before the surrogates */
    "\xEE\x80\x80",                                         /* U+E000, after them */
    "\xEF\xBF\xBF",                                         /* U+FFFF */
    "\xF0\x90\x80\x80",                                     /* U+10000, the first of four */
    "\xF4\x8F\xBF\xBF",                                     /* U+10FFFF, the last of all */
    "1234567\xC3\xA4",                                      /* across the step of eight */
};

static const char *const invalid_texts[] = {
    "\x80", /* no first byte */
    "\xBF",
    "\xC0\x80",         /* overlong NUL */
    "\xC1\xBF",         /* overlong U+007F */
    "\xE0\x9F\xBF",     /* overlong U+07FF */
    "\xED\xA0\x80",     /* U+D800 */
    "\xED\xBF\xBF",     /* U+DFFF */
    "\xF0\x8F\xBF\xBF", /* overlong U+FFFF */
    "\xF4\x90\x80\x80", /* U+110000 */
    "\xF5\x80\x80\x80",
    "\xF8\x88\x80\x80\x80", /* five bytes */
    "\xFE",
    "\xFF",
    "\xC3", /* cut off */
    "\xE2\x82",
    "\xF0\x9F\x98",
    "\xE2\x82x", /* broken off */
    "\xF0\x9F\x98x",
    "\xE2(\xA1",
    "12345678\xC3", /* behind the step of eight */
    "1234567\x80"
    "12345678",
};

static void
utf8_is_taken_at_every_boundary(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(valid_texts); i++)
		assert_true(utf8_valid(valid_texts[i], strlen(valid_texts[i])));
	assert_true(utf8_valid("a\0b", 3)); /* NUL is a character; the edge refuses it */
}

static void
what_is_no_utf8_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(invalid_texts); i++)
		assert_false(utf8_valid(invalid_texts[i], strlen(invalid_texts[i])));
}

static void
a_length_ends_a_sequence(void **state)
{
	(void)state;
	assert_int_equal(utf8_sequence("\xE2\x82\xAC", 3), 3);
	assert_int_equal(utf8_sequence("\xE2\x82\xAC", 2), 0);
	assert_int_equal(utf8_sequence("\xE2\x82\xAC", 1), 0);
	assert_int_equal(utf8_sequence("a", 1), 1);
	assert_int_equal(utf8_sequence("\xF0\x9F\x98\x80z", 5), 4);
	assert_int_equal(utf8_sequence("", 0), 0);
	assert_false(utf8_valid("\xE2\x82\xAC", 2));
}

static void
length_counts_characters(void **state)
{
	(void)state;
	assert_int_equal(utf8_length(""), 0);
	assert_int_equal(utf8_length("abc"), 3);
	assert_int_equal(utf8_length("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"), 3);
}

static void
control_characters_are_seen(void **state)
{
	static const char *const with[] = {
	    "a\nb", "\t", "\x01", "\x1F", "\x7F", "a\xC2\x80", "\xC2\x9F", "\xC2\x85"};
	static const char *const without[] = {
	    "", " ~", "\xC2\xA0", "\xC3\x80", "\xE2\x80\xA8", "\xC4\x80"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(with); i++)
		assert_true(utf8_has_control(with[i]));
	for (size_t i = 0; i < COUNT_OF(without); i++)
		assert_false(utf8_has_control(without[i]));
}

/* RFC 4648 §10. */
static void
base64_matches_the_rfcs_vectors(void **state)
{
	static const struct {
		const char *plain, *padded, *url;
	} cases[] = {
	    {"", "", ""},
	    {"f", "Zg==", "Zg"},
	    {"fo", "Zm8=", "Zm8"},
	    {"foo", "Zm9v", "Zm9v"},
	    {"foob", "Zm9vYg==", "Zm9vYg"},
	    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
	    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
	    {"\xFB\xFF\xFE", "+//+", "-__-"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		size_t len = strlen(cases[i].plain);
		struct span out;

		assert_string_equal(base64_encode(*state, cases[i].plain, len), cases[i].padded);
		assert_string_equal(base64url_encode(*state, cases[i].plain, len), cases[i].url);
		assert_err(
		    ERR_OK, base64url_decode(*state, cases[i].url, strlen(cases[i].url), &out));
		assert_int_equal(out.len, len);
		assert_memory_equal(out.data, cases[i].plain, len);
	}
}

static void
every_byte_survives_base64url(void **state)
{
	unsigned char bytes[256];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		const char *text = base64url_encode(*state, bytes, len);
		struct span out;

		assert_non_null(text);
		assert_err(ERR_OK, base64url_decode(*state, text, strlen(text), &out));
		assert_int_equal(out.len, len);
		assert_memory_equal(out.data, bytes, len);
		arena_reset(*state);
	}
}

static void
base64url_is_read_strictly(void **state)
{
	static const char *const cases[] = {
	    "Z", /* six bits are no byte */
	    "Zm9vZ",
	    "Zg==", /* padding */
	    "Zm8=",
	    "Zh",   /* stray bits after one byte */
	    "Zm9",  /* and after two */
	    "+//+", /* the other alphabet */
	    "Zm 9v",
	    "Zm9v\n",
	    "Zm9v\xC3\xA4",
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct span out = {"untouched", 9};

		assert_err(
		    ERR_MALFORMED, base64url_decode(*state, cases[i], strlen(cases[i]), &out));
		assert_string_equal(out.data, "untouched");
	}
}

static void
at_the_arenas_end_there_is_no_text(void **state)
{
	struct span span;
	char *text;

	assert_null(arena_alloc(*state, ARENA_RIG_BYTES + 1));
	assert_null(base64_encode(*state, "f", 1));
	assert_err(ERR_MEMORY, base64url_decode(*state, "Zg", 2, &span));
	assert_err(ERR_MEMORY, percent_decode(*state, "a", 1, false, &text));
}

static void
bytes_become_lower_case_hexadecimal(void **state)
{
	char text[9];

	(void)state;
	hex_encode("\x00\x9F\xA0\xFF", 4, text);
	assert_string_equal(text, "009fa0ff");
	hex_encode(NULL, 0, text);
	assert_string_equal(text, "");
}

static void
percent_escapes_are_decoded(void **state)
{
	static const struct {
		const char *text;
		bool plus_is_space;
		const char *decoded;
	} cases[] = {
	    {"", false, ""},
	    {"plain", false, "plain"},
	    {"a%20b", false, "a b"},
	    {"%41%6a%6A", false, "Ajj"},
	    {"a+b", false, "a+b"},
	    {"a+b%2B", true, "a b+"},
	    {"%C3%A4", false, "ä"},
	    {"%E2%82%AC", true, "€"},
	    {"%2541", false, "%41"}, /* once, not twice */
	    {"ä", false, "ä"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *out;

		assert_err(ERR_OK,
		    percent_decode(*state, cases[i].text, strlen(cases[i].text),
			cases[i].plus_is_space, &out));
		assert_string_equal(out, cases[i].decoded);
	}
}

static void
bad_escapes_are_malformed(void **state)
{
	static const char *const cases[] = {"%", "%4", "a%", "%G1", "%1G", "%%41", "% 1", "%-1",
	    "%00", "a%00b", "%FF", "%C3", "%C0%80", "%ED%A0%80"};
	char *out = NULL;

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_err(
		    ERR_MALFORMED, percent_decode(*state, cases[i], strlen(cases[i]), false, &out));
	assert_err(ERR_MALFORMED, percent_decode(*state, "a\0b", 3, false, &out));
	/* The escape's digits stand behind the end. */
	assert_err(ERR_MALFORMED, percent_decode(*state, "%41", 2, false, &out));
	assert_null(out);
}

int
main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, arena_start, arena_end)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_are_compared),
	    cmocka_unit_test(only_ascii_letters_have_a_case),
	    cmocka_unit_test(secrets_are_equal_in_every_byte),
	    cmocka_unit_test(a_wiped_secret_is_gone),
	    cmocka_unit_test(utf8_is_taken_at_every_boundary),
	    cmocka_unit_test(what_is_no_utf8_is_refused),
	    cmocka_unit_test(a_length_ends_a_sequence),
	    cmocka_unit_test(length_counts_characters),
	    cmocka_unit_test(control_characters_are_seen),
	    test(base64_matches_the_rfcs_vectors),
	    test(every_byte_survives_base64url),
	    test(base64url_is_read_strictly),
	    test(at_the_arenas_end_there_is_no_text),
	    cmocka_unit_test(bytes_become_lower_case_hexadecimal),
	    test(percent_escapes_are_decoded),
	    test(bad_escapes_are_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

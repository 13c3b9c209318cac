#include "shared/edge/json_scan.h"

#include <stdbool.h>
#include <string.h>

#define NUMBER_CHARS_MAX    60  /* cJSON cuts at 63 */
#define FRACTION_DIGITS_MAX 15  /* significant digits that every double keeps */
#define EXPONENT_MAX        300 /* a double ends at 308 */

struct scanner {
	const char *start, *at, *end;
	size_t values, values_max;
	size_t strings;
	char open[JSON_DEPTH_MAX]; /* '{' and '[' of what encloses the place */
	size_t depth;
	struct json_scan *out;
};

static bool
fail(struct scanner *s, const char *why)
{
	s->out->why = why;
	s->out->offset = (size_t)(s->at - s->start);
	return false;
}

/* The next character, or NUL at the end, which is no part of any JSON either. */
static char
peek(const struct scanner *s)
{
	return s->at < s->end ? *s->at : '\0';
}

static bool
take(struct scanner *s, char c)
{
	if (peek(s) != c)
		return false;
	s->at++;
	return true;
}

static void
skip_space(struct scanner *s)
{
	while (
	    s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
		s->at++;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The four digits after \u; -1 when they are none. */
static int
take_hex4(struct scanner *s)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		char c = peek(s);

		if (is_digit(c))
			value = value * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value * 16 + (c - 'A' + 10);
		else
			return -1;
		s->at++;
	}
	return value;
}

/* After a backslash. */
static bool
scan_escape(struct scanner *s, bool *nul)
{
	char c = peek(s);
	int unit;

	if (c == '\0' || strchr("\"\\/bfnrtu", c) == NULL)
		return fail(s, "an unknown escape in a string");
	s->at++;
	if (c != 'u')
		return true;
	unit = take_hex4(s);
	if (unit < 0)
		return fail(s, "four hexadecimal digits must follow \\u");
	if (unit == 0)
		*nul = true;
	if (unit < 0xD800 || unit > 0xDFFF)
		return true;
	if (unit > 0xDBFF || !take(s, '\\') || !take(s, 'u'))
		return fail(s, "half a surrogate pair");
	unit = take_hex4(s);
	if (unit < 0xDC00 || unit > 0xDFFF)
		return fail(s, "half a surrogate pair");
	return true;
}

static bool
scan_string(struct scanner *s, bool *nul)
{
	*nul = false;
	s->at++; /* the quote */
	while (s->at < s->end) {
		char c = *s->at;

		if ((unsigned char)c < 0x20)
			return fail(s, "a control character in a string");
		s->at++;
		if (c == '"')
			return true;
		if (c == '\\' && !scan_escape(s, nul))
			return false;
	}
	return fail(s, "a string without its end");
}

static bool
scan_text(struct scanner *s)
{
	struct json_scan *out = s->out;
	bool nul;

	if (!scan_string(s, &nul))
		return false;
	if (nul) {
		if (out->nul_count == JSON_NULS_MAX)
			return fail(s, "too many NUL characters");
		out->nul_strings[out->nul_count++] = s->strings;
	}
	s->strings++;
	return true;
}

/* A member's name and its colon. */
static bool
scan_name(struct scanner *s)
{
	bool nul;

	skip_space(s);
	if (peek(s) != '"')
		return fail(s, "a member's name expected");
	if (!scan_string(s, &nul))
		return false;
	if (nul)
		return fail(s, "a NUL character in a member's name");
	skip_space(s);
	return take(s, ':') || fail(s, "a colon expected");
}

static size_t
skip_digits(struct scanner *s)
{
	const char *first = s->at;

	while (is_digit(peek(s)))
		s->at++;
	return (size_t)(s->at - first);
}

/* Digits from FIRST to END, without the zeros at either end and the point. */
static size_t
significant_digits(const char *first, const char *end)
{
	size_t count = 0;
	size_t zeros = 0;

	for (; first < end; first++) {
		if (!is_digit(*first))
			continue;
		if (*first == '0') {
			zeros += count > 0;
			continue;
		}
		count += zeros + 1;
		zeros = 0;
	}
	return count;
}

/* After 'e' or 'E'. */
static bool
scan_exponent(struct scanner *s)
{
	size_t value = 0;

	if (!take(s, '-'))
		(void)take(s, '+');
	if (!is_digit(peek(s)))
		return fail(s, "a digit expected");
	for (; is_digit(peek(s)); s->at++)
		if (value <= EXPONENT_MAX)
			value = value * 10 + (size_t)(*s->at - '0');
	return value <= EXPONENT_MAX || fail(s, "an exponent out of range");
}

static bool
scan_number(struct scanner *s)
{
	const char *first = s->at;
	const char *digits_end;
	bool whole = true;

	(void)take(s, '-');
	if (!take(s, '0') && skip_digits(s) == 0)
		return fail(s, "a value expected");
	if (take(s, '.')) {
		whole = false;
		if (skip_digits(s) == 0)
			return fail(s, "a digit expected");
	}
	digits_end = s->at;
	if (take(s, 'e') || take(s, 'E')) {
		whole = false;
		if (!scan_exponent(s))
			return false;
	}
	if (s->at - first > NUMBER_CHARS_MAX)
		return fail(s, "a number with too many digits");
	if (!whole && significant_digits(first, digits_end) > FRACTION_DIGITS_MAX)
		return fail(s, "a fraction with more digits than can be kept");
	return true;
}

static bool
scan_word(struct scanner *s, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
		return fail(s, "a value expected");
	s->at += len;
	return true;
}

static bool
scan_scalar(struct scanner *s)
{
	switch (peek(s)) {
	case '"':
		return scan_text(s);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		return scan_number(s);
	}
}

/* A scalar, or an object's or array's beginning: *MORE tells that a value of it must follow. */
static bool
scan_value(struct scanner *s, bool *more)
{
	char c;

	*more = false;
	skip_space(s);
	if (++s->values > s->values_max)
		return fail(s, "too many values");
	c = peek(s);
	if (c != '{' && c != '[')
		return scan_scalar(s);
	if (s->depth == JSON_DEPTH_MAX)
		return fail(s, "nested too deep");
	s->open[s->depth++] = c;
	s->at++;
	skip_space(s);
	if (peek(s) == (c == '{' ? '}' : ']'))
		return true;
	*more = true;
	return c == '[' || scan_name(s);
}

/* After a value: closes what ends here; *MORE tells that a comma asks for another value. */
static bool
scan_after(struct scanner *s, bool *more)
{
	*more = false;
	while (s->depth > 0) {
		bool in_object = s->open[s->depth - 1] == '{';

		skip_space(s);
		if (take(s, ',')) {
			*more = true;
			return !in_object || scan_name(s);
		}
		if (!take(s, in_object ? '}' : ']'))
			return fail(
			    s, in_object ? "a comma or } expected" : "a comma or ] expected");
		s->depth--;
	}
	skip_space(s);
	return s->at == s->end || fail(s, "bytes after the end");
}

enum err
json_scan(struct span text, size_t values_max, struct json_scan *out)
{
	const char *start = text.len > 0 ? text.data : "";
	struct scanner s = {
	    .start = start,
	    .at = start,
	    .end = start + text.len,
	    .values_max = values_max,
	    .out = out,
	};
	bool more = true;

	*out = (struct json_scan){.why = "not UTF-8"};
	if (!utf8_valid(start, text.len))
		return ERR_MALFORMED;
	while (more) {
		if (!scan_value(&s, &more))
			return ERR_MALFORMED;
		if (!more && !scan_after(&s, &more))
			return ERR_MALFORMED;
	}
	return ERR_OK;
}

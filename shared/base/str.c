#include "shared/base/str.h"

#include <string.h>
#include <strings.h>

#include "shared/base/num.h"

bool
str_equal(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static unsigned char
lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool
str_equal_nocase(const char *a, const char *b)
{
	for (; lower(*a) == lower(*b); a++, b++)
		if (*a == '\0')
			return true;
	return false;
}

bool
str_starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool
bytes_equal_secret(const void *a, size_t a_len, const void *b, size_t b_len)
{
	/* Volatile: the compiler may not stop at the first difference. */
	const volatile unsigned char *left = a;
	const volatile unsigned char *right = b;
	unsigned difference = 0;

	if (a_len != b_len)
		return false;
	for (size_t i = 0; i < a_len; i++)
		difference |= (unsigned)(left[i] ^ right[i]);
	return difference == 0;
}

void
bytes_wipe(void *bytes, size_t len)
{
	if (len > 0)
		explicit_bzero(bytes, len);
}

static bool
in_range(unsigned char c, unsigned char low, unsigned char high)
{
	return c >= low && c <= high;
}

/* RFC 3629 §4: what the second byte may be depends on the first. */
static bool
second_byte_fits(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xE0:
		return in_range(second, 0xA0, 0xBF); /* less would be overlong */
	case 0xED:
		return in_range(second, 0x80, 0x9F); /* more would be a surrogate */
	case 0xF0:
		return in_range(second, 0x90, 0xBF); /* less would be overlong */
	case 0xF4:
		return in_range(second, 0x80, 0x8F); /* more would pass U+10FFFF */
	default:
		return in_range(second, 0x80, 0xBF);
	}
}

size_t
utf8_sequence(const char *bytes, size_t len)
{
	const unsigned char *at = (const unsigned char *)bytes;
	size_t want;

	if (len == 0)
		return 0;
	if (at[0] < 0x80)
		return 1;
	if (in_range(at[0], 0xC2, 0xDF))
		want = 2;
	else if (in_range(at[0], 0xE0, 0xEF))
		want = 3;
	else if (in_range(at[0], 0xF0, 0xF4))
		want = 4;
	else
		return 0;
	if (len < want || !second_byte_fits(at[0], at[1]))
		return 0;
	for (size_t i = 2; i < want; i++)
		if (!in_range(at[i], 0x80, 0xBF))
			return 0;
	return want;
}

bool
utf8_valid(const char *bytes, size_t len)
{
	size_t at = 0;

	while (at < len) {
		uint64_t word;
		size_t step;

		/* Eight ASCII bytes at a time: most of what comes is ASCII. */
		if (len - at >= sizeof(word)) {
			memcpy(&word, bytes + at, sizeof(word));
			if ((word & UINT64_C(0x8080808080808080)) == 0) {
				at += sizeof(word);
				continue;
			}
		}
		step = utf8_sequence(bytes + at, len - at);
		if (step == 0)
			return false;
		at += step;
	}
	return true;
}

size_t
utf8_length(const char *text)
{
	size_t length = 0;

	for (; *text != '\0'; text++)
		length += ((unsigned char)*text & 0xC0) != 0x80;
	return length;
}

bool
utf8_has_control(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	for (; *at != '\0'; at++)
		if (*at < 0x20 || *at == 0x7F || (*at == 0xC2 && at[1] < 0xA0))
			return true;
	return false;
}

static const char base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static char *
encode_base64(struct arena *arena, const void *bytes, size_t len, const char *alphabet, bool padded)
{
	const unsigned char *in = bytes;
	size_t rest = len % 3;
	char *text;
	char *out;

	/* A text this long fits no arena, and its size no size_t. */
	if (len > SIZE_MAX / 4)
		return NULL;
	text = arena_alloc(arena, (len + 2) / 3 * 4 + 1);
	if (text == NULL)
		return NULL;
	out = text;
	for (size_t i = 0; i < len; i += 3) {
		uint32_t group = (uint32_t)in[i] << 16;

		if (len - i > 1)
			group |= (uint32_t)in[i + 1] << 8;
		if (len - i > 2)
			group |= in[i + 2];
		for (int shift = 18; shift >= 0; shift -= 6)
			*out++ = alphabet[group >> shift & 63];
	}
	if (rest > 0) {
		size_t unused = 3 - rest;

		memset(out - unused, padded ? '=' : '\0', unused);
	}
	return text;
}

char *
base64url_encode(struct arena *arena, const void *bytes, size_t len)
{
	return encode_base64(arena, bytes, len, base64url_alphabet, false);
}

char *
base64_encode(struct arena *arena, const void *bytes, size_t len)
{
	return encode_base64(arena, bytes, len, base64_alphabet, true);
}

static bool
base64url_value(char c, uint32_t *value)
{
	if (c >= 'A' && c <= 'Z')
		*value = (uint32_t)(c - 'A');
	else if (c >= 'a' && c <= 'z')
		*value = (uint32_t)(c - 'a') + 26;
	else if (c >= '0' && c <= '9')
		*value = (uint32_t)(c - '0') + 52;
	else if (c == '-')
		*value = 62;
	else if (c == '_')
		*value = 63;
	else
		return false;
	return true;
}

enum err
base64url_decode(struct arena *arena, const char *text, size_t len, struct span *out)
{
	size_t filled = 0;
	uint32_t bits = 0;
	unsigned held = 0; /* bits not yet written */
	char *data;

	if (len % 4 == 1)
		return ERR_MALFORMED;
	TRY_ALLOC(data = arena_alloc(arena, len / 4 * 3 + 3));
	for (size_t i = 0; i < len; i++) {
		uint32_t value;

		if (!base64url_value(text[i], &value))
			return ERR_MALFORMED;
		bits = bits << 6 | value;
		held += 6;
		if (held >= 8) {
			held -= 8;
			data[filled++] = (char)(unsigned char)(bits >> held & 0xFF);
		}
	}
	/* Two texts may not stand for the same bytes: the bits that are left over must be zero. */
	if ((bits & ((1u << held) - 1)) != 0)
		return ERR_MALFORMED;
	*out = span_of(data, filled);
	return ERR_OK;
}

void
hex_encode(const void *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *in = bytes;

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[in[i] >> 4];
		*out++ = digits[in[i] & 15];
	}
	*out = '\0';
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum err
percent_decode(struct arena *arena, const char *text, size_t len, bool plus_is_space, char **out)
{
	size_t filled = 0;
	char *data;

	TRY_ALLOC(data = arena_memdup(arena, text, len));
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '%') {
			int high = len - i > 2 ? hex_value(text[i + 1]) : -1;
			int low = len - i > 2 ? hex_value(text[i + 2]) : -1;

			if (high < 0 || low < 0)
				return ERR_MALFORMED;
			c = (char)(unsigned char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		if (c == '\0')
			return ERR_MALFORMED;
		data[filled++] = c;
	}
	data[filled] = '\0';
	if (!utf8_valid(data, filled))
		return ERR_MALFORMED;
	*out = data;
	return ERR_OK;
}

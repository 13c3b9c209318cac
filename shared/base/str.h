/*
 * base/str: strings and bytes.
 *
 * Layer: base.  Strings are NUL-terminated UTF-8 without NUL inside (the edge refuses others);
 * bytes of any kind are a struct span.  Pure functions, safe on any thread.
 */
#ifndef SHARED_BASE_STR_H
#define SHARED_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"

struct span { /* borrowed bytes */
	const char *data;
	size_t len;
};

static inline struct span
span_of(const char *data, size_t len)
{
	return (struct span){data, len};
}

bool str_equal(const char *a, const char *b);
bool str_equal_nocase(const char *a, const char *b); /* ASCII letters only */
bool str_starts_with(const char *text, const char *prefix);
/* Constant-time in the bytes, for secrets; lengths may leak. */
bool bytes_equal_secret(const void *a, size_t a_len, const void *b, size_t b_len);
/* Overwrites a secret so that the compiler can't drop it. */
void bytes_wipe(void *bytes, size_t len);

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool utf8_valid(const char *bytes, size_t len);
/* Bytes (1–4) of the valid sequence that LEN bytes begin with; 0 when they begin with none. */
size_t utf8_sequence(const char *bytes, size_t len);
/* Code points of valid UTF-8. */
size_t utf8_length(const char *text);
/* C0, DEL or C1 control characters present?  (valid UTF-8) */
bool utf8_has_control(const char *text);

/* RFC 4648 §5 without padding.  NULL at the arena's cap. */
char *base64url_encode(struct arena *arena, const void *bytes, size_t len);
/* Strict: no padding, no foreign characters, no stray bits.  ERR_MALFORMED, ERR_MEMORY. */
MUST_USE enum err base64url_decode(
    struct arena *arena, const char *text, size_t len, struct span *out);
/* RFC 4648 §4 with padding. */
char *base64_encode(struct arena *arena, const void *bytes, size_t len);
/* Lower-case hexadecimal; OUT holds 2*len+1. */
void hex_encode(const void *bytes, size_t len, char *out);
/* RFC 3986 percent-decoding of LEN bytes.  ERR_MALFORMED: bad escape, NUL, or invalid UTF-8. */
MUST_USE enum err percent_decode(
    struct arena *arena, const char *text, size_t len, bool plus_is_space, char **out);

#endif

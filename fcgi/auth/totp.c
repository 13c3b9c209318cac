#include "fcgi/auth/totp.h"

#include <inttypes.h>
#include <liboath/oath.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/buf.h"
#include "shared/base/check.h"
#include "shared/base/str.h"

#define SKEW_STEPS    1
#define URI_BYTES_MAX 2048

enum err
totp_init(void)
{
	return oath_init() == OATH_OK ? ERR_OK : ERR_INTERNAL;
}

bool
totp_is_code(const char *text)
{
	return strlen(text) == TOTP_DIGITS && strspn(text, "0123456789") == TOTP_DIGITS;
}

/* All steps are computed, whichever fits. */
int64_t
totp_find_step(const unsigned char secret[TOTP_SECRET_BYTES], const char *code, int64_t now_s,
    int64_t last_step)
{
	int64_t now_step = now_s / TOTP_STEP_S;
	int64_t found = TOTP_NO_STEP;

	for (int64_t step = now_step - SKEW_STEPS; step <= now_step + SKEW_STEPS; step++) {
		char expected[TOTP_DIGITS + 1];

		check(oath_hotp_generate((const char *)secret, TOTP_SECRET_BYTES, (uint64_t)step,
			  TOTP_DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION, expected) == OATH_OK);
		if (bytes_equal_secret(expected, TOTP_DIGITS, code, strlen(code)) &&
		    step > last_step && found == TOTP_NO_STEP)
			found = step;
		bytes_wipe(expected, sizeof(expected));
	}
	return found;
}

enum err
totp_base32(struct arena *arena, const void *bytes, size_t len, char **out)
{
	char *text = NULL;
	size_t text_len = 0;

	if (oath_base32_encode(bytes, len, &text, &text_len) != OATH_OK)
		return ERR_MEMORY;
	*out = arena_memdup(arena, text, text_len);
	bytes_wipe(text, text_len);
	free(text);
	return *out != NULL ? ERR_OK : ERR_MEMORY;
}

enum err
totp_uri(struct arena *arena, const char *issuer, const char *account, const char *secret_base32,
    const char **out)
{
	auto_buf struct buf uri;

	buf_init(&uri, URI_BYTES_MAX);
	buf_puts(&uri, "otpauth://totp/");
	buf_put_percent(&uri, issuer, "");
	buf_putc(&uri, ':');
	buf_put_percent(&uri, account, "");
	buf_printf(&uri, "?secret=%s&issuer=", secret_base32);
	buf_put_percent(&uri, issuer, "");
	buf_printf(&uri, "&algorithm=SHA1&digits=%d&period=%d", TOTP_DIGITS, TOTP_STEP_S);
	TRY(buf_finish(&uri));
	TRY_ALLOC(*out = arena_memdup(arena, uri.data, uri.len));
	bytes_wipe(uri.data, uri.len);
	return ERR_OK;
}

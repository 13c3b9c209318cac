/*
 * auth/totp: time-based one-time passwords (RFC 6238: SHA-1, six digits, 30 s), by liboath.
 *
 * Pure but for the kernel's randomness.
 */
#ifndef FCGI_AUTH_TOTP_H
#define FCGI_AUTH_TOTP_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"

#define TOTP_SECRET_BYTES 20 /* RFC 4226 §4, R6 */
#define TOTP_DIGITS       6
#define TOTP_STEP_S       30
#define TOTP_NO_STEP      INT64_C(-1)

/* Readies liboath: once, before other threads.  ERR_INTERNAL. */
MUST_USE enum err totp_init(void);

bool totp_is_code(const char *text);
/*
 * The time step whose code CODE (totp_is_code) is: that of NOW_S, the one before or the one after;
 * but none up to LAST_STEP, as a code is good once.  TOTP_NO_STEP: none of them.
 */
int64_t totp_find_step(const unsigned char secret[TOTP_SECRET_BYTES], const char *code,
    int64_t now_s, int64_t last_step);

/* RFC 4648 base32 of LEN bytes, without padding when LEN is a multiple of five.  ERR_MEMORY. */
MUST_USE enum err totp_base32(struct arena *arena, const void *bytes, size_t len, char **out);
/* otpauth://totp/ISSUER:ACCOUNT?…, as authenticator apps read it from a QR code.  ERR_MEMORY. */
MUST_USE enum err totp_uri(struct arena *arena, const char *issuer, const char *account,
    const char *secret_base32, const char **out);

#endif

/*
 * auth/recovery_code: what stands in for a lost authenticator, once each.
 *
 * Pure but for the kernel's randomness.  120 random bits in base32, so that a plain hash of them is
 * enough at rest (ASVS 6.5.2 wants 112).
 */
#ifndef FCGI_AUTH_RECOVERY_CODE_H
#define FCGI_AUTH_RECOVERY_CODE_H

#include "shared/base/arena.h"
#include "shared/base/err.h"

#define RECOVERY_CODES 10

struct recovery_codes {
	const char *texts[RECOVERY_CODES]; /* "abcdef-ghijkl-mnopqr-stuvwx" */
	const char *kept;                  /* their hashes, as PostgreSQL writes an array */
};

MUST_USE enum err recovery_codes_new(struct arena *arena, struct recovery_codes *out);
/* What is kept of TEXT, however its case and its groups were typed.  ERR_WRONG_CODE: it can't be
 * one; ERR_MEMORY. */
MUST_USE enum err recovery_code_kept(struct arena *arena, const char *text, const char **kept);

#endif

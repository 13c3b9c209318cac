/*
 * auth/seal: secrets that must be read again, encrypted at rest: AES-256-GCM.
 *
 * Pure but for the kernel's randomness.  What is sealed is bound to a text, such as whose it is, so
 * that a row moved to another owner does not open.
 */
#ifndef FCGI_AUTH_SEAL_H
#define FCGI_AUTH_SEAL_H

#include "fcgi/auth/derived_keys.h"
#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/str.h"

#define SEAL_PLAIN_MAX 64

/* base64url of nonce, ciphertext and tag.  ERR_MEMORY. */
MUST_USE enum err seal_close(const unsigned char key[DERIVED_KEY_BYTES], struct arena *arena,
    struct span plain, const char *about, const char **out);
/* Exactly LEN bytes.  ERR_CORRUPT: another key, another owner, or not sealed by us; ERR_MEMORY. */
MUST_USE enum err seal_open(const unsigned char key[DERIVED_KEY_BYTES], struct arena *arena,
    const char *sealed, const char *about, unsigned char *plain, size_t len);

#endif

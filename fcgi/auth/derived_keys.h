/*
 * auth/derived_keys: keys for further purposes, from the pepper by HKDF-SHA-256 (RFC 5869).
 *
 * Fixed after start, safe on any thread.  One secret to keep is enough for a deployment, and no key
 * tells anything of another.  What was made by the keys of the pepper before is still understood.
 */
#ifndef FCGI_AUTH_DERIVED_KEYS_H
#define FCGI_AUTH_DERIVED_KEYS_H

#include <stdbool.h>

#include "fcgi/auth/password.h"
#include "shared/base/str.h"

#define DERIVED_KEY_BYTES 32

struct key_family {
	char pepper_id[PASSWORD_PEPPER_ID_SIZE];
	unsigned char sealing[DERIVED_KEY_BYTES]; /* secrets at rest: AES-256-GCM */
	unsigned char device[DERIVED_KEY_BYTES];  /* device cookies: HMAC-SHA-256 */
};

struct derived_keys {
	struct key_family now, old;
	bool has_old;
};

/* PEPPER_OLD "": there was none. */
void derived_keys_init(struct derived_keys *keys, const char *pepper, const char *pepper_old);
/* Wipes. */
void derived_keys_fini(struct derived_keys *keys);
/* The family of the pepper called ID; NULL: not known here. */
const struct key_family *derived_keys_find(const struct derived_keys *keys, const char *id);

#endif

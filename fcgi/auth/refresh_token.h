/*
 * auth/refresh_token: the tokens of a session, one after another.
 *
 * Pure but for the kernel's randomness.  A token is base64url of
 *
 *   session (16 bytes) | generation (4) | secret (32) | mac (16)
 *
 * The database keeps the SHA-256 of the latest, so that whoever reads it can't use one.  The mac,
 * under a key of the session's own, proves that an older token was once ours: a replay of it ends
 * the session, while a forged one is merely refused, and no row is kept for each token.
 *
 * A token used a second time within the grace gives the same successor again: the successor's
 * secret is HMAC-SHA-256(secret, salt), and the salt of a rotation is kept for those seconds.  The
 * database alone yields no token from it, as it does not hold the secret.
 */
#ifndef FCGI_AUTH_REFRESH_TOKEN_H
#define FCGI_AUTH_REFRESH_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/id.h"

#define REFRESH_KEY_BYTES    32
#define REFRESH_SALT_BYTES   32
#define REFRESH_SECRET_BYTES 32
#define REFRESH_MAC_BYTES    16
#define REFRESH_TOKEN_CHARS  91

struct refresh_token {
	struct id session_id;
	uint32_t generation; /* 1 for a session's first */
	unsigned char secret[REFRESH_SECRET_BYTES];
	unsigned char mac[REFRESH_MAC_BYTES];
};

/* The first token of a session, at random. */
void refresh_token_first(const struct id *session_id, const unsigned char key[REFRESH_KEY_BYTES],
    struct refresh_token *out);
void refresh_token_successor(const struct refresh_token *token,
    const unsigned char salt[REFRESH_SALT_BYTES], const unsigned char key[REFRESH_KEY_BYTES],
    struct refresh_token *out);
/* Was it made by the holder of KEY? */
bool refresh_token_is_ours(
    const struct refresh_token *token, const unsigned char key[REFRESH_KEY_BYTES]);

/* ERR_TOKEN_INVALID for what is none, ERR_MEMORY. */
MUST_USE enum err refresh_token_parse(
    struct arena *arena, const char *text, struct refresh_token *out);
/* NULL at the arena's cap. */
const char *refresh_token_text(struct arena *arena, const struct refresh_token *token);
/* What the database keeps: base64url of SHA-256.  NULL at the arena's cap. */
const char *refresh_token_hash(struct arena *arena, const struct refresh_token *token);

#endif

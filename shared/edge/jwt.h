/*
 * edge/jwt: access tokens: RFC 9068 profile, ES256 only.
 *
 * Layer: edge.  By RFC 8725: the header is parsed strictly before anything is believed, its alg
 * must be ES256 and its typ at+jwt, the key is found by kid among P-256 keys that can do nothing
 * but ES256, and iss, aud, exp, nbf, iat, sub, sid, jti, email and roles are all checked;
 * email_verified is false unless the token says true.
 *
 * libjwt assembles header and claims.  Its own signing and verifying are not used: in Debian 12's
 * 1.10 they write `typ: JWT` over ours and refuse any other, they let a public key serve as an HMAC
 * secret, and they parse the PEM anew for each token.
 */
#ifndef SHARED_EDGE_JWT_H
#define SHARED_EDGE_JWT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/buf.h"
#include "shared/base/err.h"
#include "shared/base/id.h"
#include "shared/base/str.h"
#include "shared/edge/jwt_key.h"
#include "shared/edge/jwt_keys.h"

struct jwt_claims {
	const char *issuer, *audience;
	struct id subject, session_id, token_id;
	const char *email;
	bool email_verified;
	unsigned roles; /* enum role of principal.h */
	int64_t issued_at_s, expires_at_s;
};

#define JWT_CLOCK_SKEW_S    5
#define JWT_TOKEN_MAX_BYTES 4096

/* The names of enum role, as tokens hold them; ended by a NULL name. */
struct jwt_role {
	const char *name;
	unsigned role;
};
extern const struct jwt_role jwt_roles[];

/* Signs with a private KEY.  The token lives in ARENA.  ERR_INTERNAL: a public key, or a token that
 * would be longer than JWT_TOKEN_MAX_BYTES. */
MUST_USE enum err jwt_sign(const struct jwt_key *key, const struct jwt_claims *claims,
    struct arena *arena, const char **token);

struct jwt_expect {
	const char *issuer, *audience;
	int64_t now_s;
};

/*
 * Verifies TOKEN against SET; the claims' texts live in ARENA.  ERR_TOKEN_INVALID for every fault,
 * with its reason (a static string, for the debug log only) in *why when WHY is not NULL;
 * *unknown_kid, written always unless NULL, tells that the kid was not in the set (a reason to
 * refetch).  ERR_MEMORY at the arena's cap.
 */
MUST_USE enum err jwt_verify(const struct jwt_key_set *set, const struct jwt_expect *expect,
    struct arena *arena, const char *token, struct jwt_claims *out, bool *unknown_kid,
    const char **why);

#endif

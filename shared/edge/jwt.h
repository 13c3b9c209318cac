/*
 * edge/jwt: access tokens: RFC 9068 profile, ES256 only, over libjwt.
 *
 * Layer: edge.  libjwt alone checks no claims, accepts any HS256 token when the key is empty and
 * lets a public key serve as an HMAC secret; here (RFC 8725) the header is parsed first, its alg
 * must be ES256 and its typ at+jwt, the key is found by kid among EC P-256 public keys, and iss,
 * aud, exp, nbf, iat, sub, sid, jti are all checked.
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

struct jwt_claims {
	const char *issuer, *audience;
	struct id subject, session_id, token_id;
	const char *email;
	unsigned roles; /* enum role of principal.h */
	int64_t issued_at_s, expires_at_s;
};

#define JWT_CLOCK_SKEW_S 5
#define JWT_TOKEN_MAX_BYTES 4096

/* --- keys --------------------------------------------------------------------------------- */

struct jwt_key;     /* one P-256 key, private or public; immutable */
struct jwt_key_set; /* keys by kid; immutable once built, shared by reference count */

/* From a PEM of a P-256 private key (PKCS#8 or SEC1).  kid = RFC 7638 thumbprint.  ERR_CONFIG for
 * another kind, an empty or a broken one. */
MUST_USE enum err jwt_key_from_pem(struct span pem, struct jwt_key **out);
void jwt_key_free(struct jwt_key **key);
const char *jwt_key_id(const struct jwt_key *key);

MUST_USE enum err jwt_key_set_new(struct jwt_key_set **out);
/* Takes the key: the set owns it afterwards, also on error.  At most 16 keys. */
MUST_USE enum err jwt_key_set_add(struct jwt_key_set *set, struct jwt_key **key);
struct jwt_key_set *jwt_key_set_ref(struct jwt_key_set *set);
void jwt_key_set_unref(struct jwt_key_set **set);
/* NULL when unknown. */
const struct jwt_key *jwt_key_set_find(const struct jwt_key_set *set, const char *kid);
size_t jwt_key_set_count(const struct jwt_key_set *set);

/* RFC 7517, public parts alone: {"keys":[…]}. */
void jwks_write(const struct jwt_key_set *set, struct buf *out);
/* Keeps the P-256 signature keys, ignores others (RFC 7517 §5).  ERR_MALFORMED when it is no JWKS. */
MUST_USE enum err jwks_parse(struct arena *arena, struct span json, struct jwt_key_set **out);

/* --- tokens ------------------------------------------------------------------------------- */

/* Signs with a private KEY.  The token lives in ARENA. */
MUST_USE enum err jwt_sign(const struct jwt_key *key, const struct jwt_claims *claims,
			   struct arena *arena, const char **token);

struct jwt_expect {
	const char *issuer, *audience;
	int64_t now_s;
};

/*
 * Verifies TOKEN against SET.  ERR_TOKEN_INVALID for every fault, with its reason (a static string,
 * for the debug log only) in *why when WHY is not NULL; *unknown_kid tells that the kid was not in
 * the set (a reason to refetch).
 */
MUST_USE enum err jwt_verify(const struct jwt_key_set *set, const struct jwt_expect *expect,
			     struct arena *arena, const char *token, struct jwt_claims *out,
			     bool *unknown_kid, const char **why);

#endif

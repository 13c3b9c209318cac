/*
 * edge/jwt_key: one P-256 key, and ES256 signatures by it (RFC 7518 §3.4) through OpenSSL.
 *
 * Layer: edge.  A key is immutable once made and safe on any thread.  It is parsed once, when it is
 * made; libjwt would parse its PEM again for every token, which costs more than the signature.
 */
#ifndef SHARED_EDGE_JWT_KEY_H
#define SHARED_EDGE_JWT_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/err.h"
#include "shared/base/str.h"

struct jwt_key; /* private or public */

#define JWT_COORDINATE_BYTES     32
#define JWT_SIGNATURE_BYTES      64
#define JWT_KEY_ID_SIZE          65 /* the longest kid and NUL; a thumbprint has 43 characters */
#define JWT_COORDINATE_TEXT_SIZE 44 /* base64url of a coordinate and NUL */

/* From a PEM of a P-256 private key (PKCS#8 or SEC1).  kid = RFC 7638 thumbprint.  ERR_CONFIG for
 * another kind, an encrypted, an empty or a broken one. */
MUST_USE enum err jwt_key_from_pem(struct span pem, struct jwt_key **out);
/*
 * A public key from a JWK's coordinates, JWT_COORDINATE_BYTES each.  KID may be NULL: the
 * thumbprint then.  ERR_MALFORMED: no point of the curve, another length, or a kid that is empty or
 * too long.
 */
MUST_USE enum err jwt_key_from_point(
    struct span x, struct span y, const char *kid, struct jwt_key **out);
/* Private parts are wiped. */
void jwt_key_free(struct jwt_key **key);
const char *jwt_key_id(const struct jwt_key *key);
/* The public point as a JWK writes it, base64url; borrowed from the key. */
const char *jwt_key_x(const struct jwt_key *key);
const char *jwt_key_y(const struct jwt_key *key);

/* Signs MESSAGE; ERR_INTERNAL for a public key. */
MUST_USE enum err jwt_key_sign(
    const struct jwt_key *key, struct span message, unsigned char signature[JWT_SIGNATURE_BYTES]);
/* Is SIGNATURE (r and s, 32 bytes each) the key's over MESSAGE? */
MUST_USE bool jwt_key_verify(const struct jwt_key *key, struct span message, struct span signature);

#define auto_jwt_key AUTO_OF(jwt_key_free)

#endif

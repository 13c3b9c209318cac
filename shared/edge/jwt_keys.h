/*
 * edge/jwt_keys: keys by their kid, and their public form, a JWKS (RFC 7517).
 *
 * Layer: edge.  A set is filled by one thread and immutable from then on; it is shared by reference
 * count, so that readers keep the set they began with while a newer one takes its place.
 */
#ifndef SHARED_EDGE_JWT_KEYS_H
#define SHARED_EDGE_JWT_KEYS_H

#include <stddef.h>

#include "shared/base/arena.h"
#include "shared/base/buf.h"
#include "shared/base/err.h"
#include "shared/base/str.h"
#include "shared/edge/jwt_key.h"

struct jwt_key_set;

#define JWT_KEYS_MAX 16

/* An empty set with one reference. */
MUST_USE enum err jwt_key_set_new(struct jwt_key_set **out);
/*
 * Takes the key: the set owns it afterwards, also on error.  A kid that is there already stays with
 * the first key.  ERR_CONFIG beyond JWT_KEYS_MAX.
 */
MUST_USE enum err jwt_key_set_add(struct jwt_key_set *set, struct jwt_key **key);
struct jwt_key_set *jwt_key_set_ref(struct jwt_key_set *set);
/* Nulls *set; the last reference frees the keys. */
void jwt_key_set_unref(struct jwt_key_set **set);
/* NULL when unknown.  Borrowed from the set. */
const struct jwt_key *jwt_key_set_find(const struct jwt_key_set *set, const char *kid);
size_t jwt_key_set_count(const struct jwt_key_set *set);

/* RFC 7517, public parts alone: {"keys":[…]}, in the order they were added. */
void jwks_write(const struct jwt_key_set *set, struct buf *out);
/* Keeps the P-256 signature keys, ignores others (RFC 7517 §5).  ERR_MALFORMED when it is no JWKS
 * or has too many such keys. */
MUST_USE enum err jwks_parse(struct arena *arena, struct span json, struct jwt_key_set **out);

#define auto_jwt_key_set AUTO_OF(jwt_key_set_unref)

#endif

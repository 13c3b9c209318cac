/*
 * edge/token_cache: tokens that were verified, by their SHA-256, in a table of fixed size.
 *
 * Layer: edge, for the verifier.  Neither a token's text nor its claims beyond the principal's are
 * kept.  Each entry belongs to a generation of keys and counts no longer once another is asked for.
 * Shards have a lock each, held for a comparison and a copy.  Safe on any thread.
 */
#ifndef SHARED_EDGE_TOKEN_CACHE_H
#define SHARED_EDGE_TOKEN_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/edge/principal.h"

#define TOKEN_DIGEST_BYTES 32

struct token_digest {
	unsigned char bytes[TOKEN_DIGEST_BYTES];
};

struct token_cache;

MUST_USE enum err token_cache_new(struct token_cache **out);
void token_cache_free(struct token_cache **cache);

/* ERR_INTERNAL when OpenSSL can't. */
MUST_USE enum err token_digest_of(const char *token, struct token_digest *out);

/*
 * The principal of a token verified under GENERATION that does not expire before or at NOW_S; its
 * strings are copied into ARENA.  *FOUND tells; *OUT is written when true.  ERR_MEMORY: the arena's
 * cap.
 */
MUST_USE enum err token_cache_get(struct token_cache *cache, const struct token_digest *digest,
    uint64_t generation, int64_t now_s, struct arena *arena, bool *found, struct principal *out);
/* Remembers; the entry that expires first makes room. */
void token_cache_put(struct token_cache *cache, const struct token_digest *digest,
    uint64_t generation, const struct principal *principal);

#endif

/*
 * items/claim_store: which item a seller's Idempotency-Key stands for.
 *
 * Layer: domain, store.  One store belongs to one thread.  A document of `item_claims` is
 *
 *   {_id: "<seller's id>/<key>", item_id, fingerprint, at}
 *
 * It is written before its item, under the only unique index there is, _id's own, so that items may
 * be sharded by their own: an index over seller and key would forbid it.  Who dies between the two
 * leaves a claim without an item, and the repeated request makes the item that it names.  The
 * answer is kept in the item, and outlives the claim.  Errors besides those named are
 * mongo_error's.
 */
#ifndef FCGI_ITEMS_CLAIM_STORE_H
#define FCGI_ITEMS_CLAIM_STORE_H

#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/id.h"
#include "shared/infra/mongo_ops.h"

#define CLAIMS_COLLECTION "item_claims"

struct claim_store {
	mongoc_collection_t *claims;
};

void claim_store_init(const struct mongo *mongo, struct claim_store *out);
/* May run twice. */
void claim_store_fini(struct claim_store *store);

struct item_claim {
	struct id item_id;
	const char *fingerprint; /* of the request */
	int64_t at_ms;
};

/* ERR_CONFLICT: SELLER's KEY is claimed. */
MUST_USE enum err claim_store_insert(struct claim_store *store, const struct deadline *deadline,
    const struct id *seller, const char *key, const struct item_claim *claim);
/* SELLER's KEY stands for CLAIM's item, whatever was claimed before. */
MUST_USE enum err claim_store_set(struct claim_store *store, const struct deadline *deadline,
    const struct id *seller, const char *key, const struct item_claim *claim);
/* Its text lives in ARENA.  ERR_NOT_FOUND. */
MUST_USE enum err claim_store_find(struct claim_store *store, const struct deadline *deadline,
    struct arena *arena, const struct id *seller, const char *key, struct item_claim *out);
/* Forgets the claims made before BEFORE_MS. */
MUST_USE enum err claim_store_drop(
    struct claim_store *store, const struct deadline *deadline, int64_t before_ms);
/* Forgets all of SELLER's: a key is whatever text a person chose. */
MUST_USE enum err claim_store_drop_of(
    struct claim_store *store, const struct deadline *deadline, const struct id *seller);

#endif

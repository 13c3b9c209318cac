/*
 * items/claim_backfill: what was listed under keys before there were claims (claim_store.h).
 *
 * Layer: domain, store, for `--migrate`.  Earlier versions kept keys apart by a unique index over
 * the items.  While pods of such a version serve beside this one's, the index stays, and lets
 * neither list what the other has: a claim alone would not.  A --migrate that comes a day after the
 * first one finds none of them left.  It drops the index, in whose way sharding would be.
 *
 * Each time before, items of the last 24 hours that have a key get its claim.  The first time is
 * noted in the collection `backfills`: {_id: "claims", at}.
 */
#ifndef FCGI_ITEMS_CLAIM_BACKFILL_H
#define FCGI_ITEMS_CLAIM_BACKFILL_H

#include <stdint.h>

#include "shared/infra/mongo.h"

/* By DEADLINE.  Does nothing where the index is not; safe when every pod does it at once. */
MUST_USE enum err claim_backfill_run(
    const struct mongo *mongo, const struct deadline *deadline, int64_t now_ms);

#endif

/*
 * items/indexes: MongoDB's indexes, made by `items.fcgi --migrate`.
 *
 * Layer: domain, store.  Made when they are missing; safe when every pod does it at once.
 */
#ifndef FCGI_ITEMS_INDEXES_H
#define FCGI_ITEMS_INDEXES_H

#include "shared/infra/mongo.h"

/* Of (seller, Idempotency-Key), unique: what kept keys apart before they were claimed by themselves
 * (claim_store.h).  While it is there, claims may be missing: claim_backfill.h drops it. */
#define ITEMS_FORMER_KEYS "keys"

/* ERR_CONFIG: an index is there with another definition. */
MUST_USE enum err indexes_create(const struct mongo *mongo);
/* Drops those that earlier versions made and none needs now; after backfill_run. */
MUST_USE enum err indexes_drop_former(const struct mongo *mongo);

#endif

/*
 * items/shards: how the collections are spread where MongoDB is sharded, by `items.fcgi --migrate`.
 *
 * Layer: domain, store.  A unique index must begin with its collection's key, and a change of one
 * document must name that key or _id: README, Growing, goes through the queries.
 */
#ifndef FCGI_ITEMS_SHARDS_H
#define FCGI_ITEMS_SHARDS_H

#include "shared/infra/mongo.h"

/* After indexes_create and claim_backfill_run.  Does nothing where no router answers; safe when
 * every pod does it. */
MUST_USE enum err shards_create(const struct mongo *mongo);

#endif

/*
 * infra/mongo_shard: what a sharded MongoDB is told.
 *
 * Layer: infra.  For a program's --migrate: without a deadline.
 */
#ifndef SHARED_INFRA_MONGO_SHARD_H
#define SHARED_INFRA_MONGO_SHARD_H

#include <stdbool.h>

#include "shared/infra/mongo.h"

/* Is it a router that answers?  Errors are mongo_error's. */
MUST_USE enum err mongo_is_router(const struct mongo *mongo, bool *router);

/*
 * Spreads COLLECTION over the shards by KEY, {field: 1} or {field: "hashed"}.  Without effect where
 * that was done; ERR_INTERNAL when it has another key, or a unique index that does not begin with
 * this one.  The user needs the action enableSharding on the database.
 */
MUST_USE enum err mongo_shard(const struct mongo *mongo, const char *collection, const bson_t *key);

#endif

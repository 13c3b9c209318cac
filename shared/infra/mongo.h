/*
 * infra/mongo: a thin layer over libmongoc: pool, deadlines, errors.
 *
 * Layer: infra.  Writes are `w: majority`, journalled; reads `local` from the primary unless said.
 * A worker takes one client of the pool for its life.  Every operation gets maxTimeMS (or the
 * socket timeout where a command takes none) from the request's deadline.
 */
#ifndef SHARED_INFRA_MONGO_H
#define SHARED_INFRA_MONGO_H

#include <mongoc/mongoc.h>

#include "shared/base/cleanup.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"

struct mongo_pool;

/* URI as MongoDB's connection string; serverSelectionTimeoutMS, connectTimeoutMS (a third each) and
 * socketTimeoutMS (half) are set from TIMEOUT_MS unless it says otherwise.  So an operation that
 * begins just before a deadline of TIMEOUT_MS, at a server that falls silent, ends half of it later
 * at most: libmongoc before 1.27 has no timeout for one operation.  Calls mongoc_init once.  Never
 * connects by itself.  ERR_CONFIG. */
MUST_USE enum err mongo_pool_new(const char *uri, const char *database, int64_t timeout_ms,
    const char *application, struct mongo_pool **out);
/* All its clients must have been closed. */
void mongo_pool_free(struct mongo_pool **pool);

struct mongo { /* one thread's client */
	struct mongo_pool *pool;
	mongoc_client_t *client;
	mongoc_database_t *database;
};

MUST_USE enum err mongo_open(struct mongo_pool *pool, struct mongo *out);
/* May run twice. */
void mongo_close(struct mongo *mongo);
/* Borrowed name → collection, freed by the caller (mongoc_collection_destroy). */
mongoc_collection_t *mongo_collection(const struct mongo *mongo, const char *name);

/*
 * What a libmongoc error means: ERR_CONFLICT (duplicate key), ERR_DEADLINE (maxTimeMS),
 * ERR_UNAVAILABLE (network, no primary, shutting down), ERR_BUSY (write conflict), ERR_INTERNAL.
 * After ERR_UNAVAILABLE or ERR_DEADLINE a write may have happened, or may happen yet; after the
 * others it did not.  REPLY may be NULL.  Logged once here with code and domain, never with the
 * document; duplicate keys and write conflicts, which are everyday matters, are not.
 */
MUST_USE enum err mongo_error(
    const bson_error_t *error, const bson_t *reply, const char *operation);
/* Milliseconds for maxTimeMS, at least 1.  ERR_DEADLINE when none is left. */
MUST_USE enum err mongo_time_left(const struct deadline *deadline, int64_t *ms);
MUST_USE enum err mongo_ping(struct mongo *mongo, const struct deadline *deadline);

static inline void
mongo_bson_fini(bson_t **bson)
{
	if (*bson != NULL)
		bson_destroy(*bson);
	*bson = NULL;
}

static inline void
mongo_collection_fini(mongoc_collection_t **collection)
{
	if (*collection != NULL)
		mongoc_collection_destroy(*collection);
	*collection = NULL;
}

#define auto_bson       AUTO_OF(mongo_bson_fini)
#define auto_collection AUTO_OF(mongo_collection_fini)

#endif

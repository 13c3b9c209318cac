/*
 * infra/mongo_index: the indexes of a collection, for `--migrate`.
 *
 * Layer: infra.  Bounded by the pool's timeouts alone: an index over a large collection takes its
 * time.  Any number of pods may do the same at once.  Errors besides those named are mongo_error's.
 */
#ifndef SHARED_INFRA_MONGO_INDEX_H
#define SHARED_INFRA_MONGO_INDEX_H

#include <stdbool.h>

#include "shared/infra/mongo.h"

struct mongo_index {
	const char *name;
	const bson_t *keys;
	const bson_t *options; /* unique, sparse, partialFilterExpression; or NULL */
};

/* Makes the index unless it is there.  ERR_CONFIG when it is there with other keys or options. */
MUST_USE enum err mongo_create_index(
    const struct mongo *mongo, const char *collection, const struct mongo_index *index);
/* *out: is there an index of that NAME? */
MUST_USE enum err mongo_has_index(
    const struct mongo *mongo, const char *collection, const char *name, bool *out);
/* Removes the index of that NAME; it is as well when it, or the collection, is not there. */
MUST_USE enum err mongo_drop_index(
    const struct mongo *mongo, const char *collection, const char *name);

#endif

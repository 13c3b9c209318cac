/*
 * infra/mongo_ops: the few operations that the stores are made of, each bounded by a deadline.
 *
 * Layer: infra.  Single-document writes are atomic; a write conflict, at which the server wrote
 * nothing, is tried again until the deadline.  Errors are mongo_error's: after ERR_UNAVAILABLE or
 * ERR_DEADLINE a write may have happened or may happen yet.  Filters, updates and documents are
 * borrowed.  A collection belongs to one client, hence to one thread.
 */
#ifndef SHARED_INFRA_MONGO_OPS_H
#define SHARED_INFRA_MONGO_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/infra/mongo.h"

enum mongo_durability {
	MONGO_MAJORITY, /* journalled on a majority: what must not be lost */
	MONGO_FAST      /* by the primary alone: what is done again when it was lost */
};

/* ERR_CONFLICT: a unique index has it already. */
MUST_USE enum err mongo_insert(
    mongoc_collection_t *collection, const struct deadline *deadline, const bson_t *document);

/* The document as it is after UPDATE, cut to FIELDS (NULL: whole); *after NULL when none matched.
 * The caller owns it.  ERR_CONFLICT as in mongo_insert. */
MUST_USE enum err mongo_find_and_modify(mongoc_collection_t *collection,
    const struct deadline *deadline, const bson_t *filter, const bson_t *update,
    const bson_t *fields, bson_t **after);

/* One document, or each that matches by itself, is updated atomically. */
MUST_USE enum err mongo_update_one(mongoc_collection_t *collection, const struct deadline *deadline,
    const bson_t *filter, const bson_t *update, bool *matched);
/* Bounded by the socket's timeout alone: for background threads. */
MUST_USE enum err mongo_update_many(mongoc_collection_t *collection,
    const struct deadline *deadline, enum mongo_durability durability, const bson_t *filter,
    const bson_t *update, int64_t *matched);
/* As mongo_update_many. */
MUST_USE enum err mongo_delete_many(mongoc_collection_t *collection,
    const struct deadline *deadline, enum mongo_durability durability, const bson_t *filter);
MUST_USE enum err mongo_delete_one(mongoc_collection_t *collection, const struct deadline *deadline,
    const bson_t *filter, bool *deleted);

/* *out NULL when there is none; the caller owns it. */
MUST_USE enum err mongo_find_one(mongoc_collection_t *collection, const struct deadline *deadline,
    const bson_t *filter, const bson_t *fields, bson_t **out);

struct mongo_find {
	const bson_t *filter;
	const bson_t *fields; /* NULL: whole documents */
	const bson_t *sort;   /* NULL: any order */
	int64_t limit;        /* > 0 */
	int64_t skip;         /* 0: none */
	int32_t batch;        /* documents that come at once; 0: as many as the server likes */
	const char *hint;     /* the index to walk; NULL: as the server likes */
};

/*
 * Calls EACH with every document found; it is borrowed until EACH returns.  EACH stops the walk by
 * *stop, and ends it by an error, which is returned.
 */
MUST_USE enum err mongo_find_each(mongoc_collection_t *collection, const struct deadline *deadline,
    const struct mongo_find *find,
    enum err (*each)(void *context, const bson_t *document, bool *stop), void *context);

/* The same with what PIPELINE, an array of stages, comes to: 16 MiB at most, else ERR_INTERNAL. */
MUST_USE enum err mongo_aggregate_each(mongoc_collection_t *collection,
    const struct deadline *deadline, const bson_t *pipeline,
    enum err (*each)(void *context, const bson_t *document, bool *stop), void *context);

/* How many match, counted up to MOST. */
MUST_USE enum err mongo_count(mongoc_collection_t *collection, const struct deadline *deadline,
    const bson_t *filter, int64_t most, int64_t *count);

#endif

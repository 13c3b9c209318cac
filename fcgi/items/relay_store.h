/*
 * items/relay_store: documents whose events wait for the relay, in one collection.
 *
 * Layer: domain, store; the relay's thread alone.  See items_outbox.h for `relay.due`.
 */
#ifndef FCGI_ITEMS_RELAY_STORE_H
#define FCGI_ITEMS_RELAY_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/id.h"
#include "shared/infra/mongo_list.h"
#include "shared/infra/mongo_ops.h"

/* Adds the ids of up to MAX documents whose events are due, the longest due first. */
MUST_USE enum err relay_store_find(mongoc_collection_t *collection, const struct deadline *deadline,
    int64_t now_ms, size_t max, struct mongo_list *documents);
/* Takes, under TOKEN and until UNTIL_MS, those of DOCUMENTS that are still due. */
MUST_USE enum err relay_store_lease(mongoc_collection_t *collection,
    const struct deadline *deadline, int64_t now_ms, int64_t until_ms,
    const struct mongo_list *documents, const struct id *token);
/* Calls EACH with those of DOCUMENTS that are taken under TOKEN, cut to their events. */
MUST_USE enum err relay_store_each_leased(mongoc_collection_t *collection,
    const struct deadline *deadline, const struct mongo_list *documents, const struct id *token,
    enum err (*each)(void *context, const bson_t *document, bool *stop), void *context);
/* Forgets EVENTS of DOCUMENTS, whose others, if there are any, are due at DUE_MS. */
MUST_USE enum err relay_store_settle(mongoc_collection_t *collection,
    const struct deadline *deadline, const struct mongo_list *documents,
    const struct mongo_list *events, int64_t due_ms);
/* How many documents have events, and the time of the oldest event of the one longest due; that is
 * left alone when there is none. */
MUST_USE enum err relay_store_depth(mongoc_collection_t *collection,
    const struct deadline *deadline, int64_t *count, int64_t *oldest_at_ms);

#endif

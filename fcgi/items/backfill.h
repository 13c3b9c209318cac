/*
 * items/backfill: documents that earlier versions wrote are brought up to date by `--migrate`.
 *
 * Layer: domain, store.  What a document holds besides its contents (an item's places in the lists,
 * an order's sales) is derived from them, and made anew here for every document there is.  One
 * number, BACKFILL_FORM, stands for the way all of it is derived: whoever derives something new, or
 * otherwise, counts it up, and that is the whole migration.
 *
 * The collection `backfills` has one document for each collection and form: {_id: "items.3", after,
 * done}.  A walk goes by _id, notes every hundred documents how far it came, and after a kill
 * goes on from there.  Every pod may do it at once: each write depends on the document's version
 * and gives what any other would have given.  New documents have the new form from the start; what
 * pods of the version before write while they are replaced keeps theirs until it is changed again.
 */
#ifndef FCGI_ITEMS_BACKFILL_H
#define FCGI_ITEMS_BACKFILL_H

#include "shared/infra/mongo.h"

/* 1: items by words and prices; 2: by places, orders by sales; 3: words by the price, too. */
#define BACKFILL_FORM        3
#define BACKFILLS_COLLECTION "backfills"

/* Each document by DEADLINE.  ERR_CORRUPT: one, which the log names, holds what it never should. */
MUST_USE enum err backfill_run(const struct mongo *mongo, const struct deadline *deadline);

#endif

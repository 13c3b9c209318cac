/*
 * items/indexes: MongoDB's indexes, made by `items.fcgi --migrate`.
 *
 * Layer: domain, store.  Made when they are missing; safe when every pod does it at once.
 */
#ifndef FCGI_ITEMS_INDEXES_H
#define FCGI_ITEMS_INDEXES_H

#include "shared/infra/mongo.h"

/* ERR_CONFIG: an index is there with another definition. */
MUST_USE enum err indexes_create(const struct mongo *mongo);

#endif

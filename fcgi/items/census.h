/*
 * items/census: the thread that has the categories counted, about once a minute.
 *
 * Layer: domain.  It owns its connection to the store, and works a twentieth of its time at most,
 * but for the first census of a catalogue.  With the store away it tries again.
 */
#ifndef FCGI_ITEMS_CENSUS_H
#define FCGI_ITEMS_CENSUS_H

#include "shared/base/clock.h"
#include "shared/infra/mongo.h"

struct census;

/* Starts the thread; signals are blocked by the caller. */
MUST_USE enum err census_start(
    struct mongo_pool *pool, const struct clock *clock, struct census **out);
/* Stops after the present part, joins.  May run twice. */
void census_stop(struct census **census);

#endif

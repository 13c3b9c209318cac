/*
 * items/items_outbox: the events that wait inside items and orders, for the relay.
 *
 * Layer: domain; the relay's thread alone.  A document with events has `relay.due`, the time from
 * which a relay may take them: whatever adds an event sets it in the same write.  Several pods may
 * run a relay: a fetch moves the due time of what it takes some seconds on, so that others pass it
 * by; the events of a relay that dies are due again then.  `relay` goes when the last event went,
 * by a write guarded by there being none.  A publication twice is possible, a lost one is not.
 */
#ifndef FCGI_ITEMS_ITEMS_OUTBOX_H
#define FCGI_ITEMS_ITEMS_OUTBOX_H

#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/infra/mongo.h"
#include "shared/infra/outbox.h"

struct items_outbox;

/* Takes a client of POOL for its life. */
MUST_USE enum err items_outbox_new(
    struct mongo_pool *pool, const struct clock *clock, struct items_outbox **out);
/* After outbox_stop.  May run twice. */
void items_outbox_free(struct items_outbox **outbox);
struct outbox_source items_outbox_source(struct items_outbox *outbox);

#endif

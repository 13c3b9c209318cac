/*
 * items/items_outbox: the events that wait inside items and orders, for the relay.
 *
 * Layer: domain, store; the relay's thread alone.  Several pods may run a relay: a fetch leases the
 * documents it takes from (`relay: {token, until}`), so that others pass them by; a relay that dies
 * lets its lease run out.  A publication twice is possible, a lost one is not.
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

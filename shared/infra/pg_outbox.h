/*
 * infra/pg_outbox: a table `outbox` of PostgreSQL as a source of the relay.
 *
 * Layer: infra.  Each program's schema has its own: id uuid, type, traceparent, body, created_at,
 * and a trigger that notifies the program's channel.  The relay's thread alone.  Events are locked
 * by a transaction from fetch to settle (SKIP LOCKED), so that pods relay beside each other and a
 * relay that dies gives its events back at once.
 */
#ifndef SHARED_INFRA_PG_OUTBOX_H
#define SHARED_INFRA_PG_OUTBOX_H

#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/infra/outbox.h"

struct pg_outbox;

/* CHANNEL, borrowed: what is notified when events were written. */
MUST_USE enum err pg_outbox_new(const char *database_url, const char *channel,
    const struct clock *clock, struct pg_outbox **out);
void pg_outbox_free(struct pg_outbox **outbox);
/* Borrows OUTBOX. */
struct outbox_source pg_outbox_source(struct pg_outbox *outbox);

#endif

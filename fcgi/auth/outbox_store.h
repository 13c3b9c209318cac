/*
 * auth/outbox_store: the table outbox as a source of the relay.
 *
 * The relay's thread alone.  Events are locked by a transaction from fetch to settle (SKIP LOCKED),
 * so that pods relay beside each other and a relay that dies gives its events back at once.
 */
#ifndef FCGI_AUTH_OUTBOX_STORE_H
#define FCGI_AUTH_OUTBOX_STORE_H

#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/infra/outbox.h"

struct outbox_store;

MUST_USE enum err outbox_store_new(
    const char *database_url, const struct clock *clock, struct outbox_store **out);
void outbox_store_free(struct outbox_store **store);
/* Borrows STORE. */
struct outbox_source outbox_store_source(struct outbox_store *store);

#endif

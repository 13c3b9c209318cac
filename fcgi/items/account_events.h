/*
 * items/account_events: the thread that hears of deleted accounts from the broker.
 *
 * Layer: domain.  It owns its connections.  A message is acknowledged once its work is done, which
 * may be repeated; what can't be understood is rejected to the dead letters.  With the broker or
 * the store away it tries again, with pauses: nothing else of items waits for it.
 */
#ifndef FCGI_ITEMS_ACCOUNT_EVENTS_H
#define FCGI_ITEMS_ACCOUNT_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/clock.h"
#include "shared/infra/mongo.h"
#include "shared/infra/outbox.h"

struct account_events;

struct account_events_settings {
	struct mongo_pool *pool;
	const char *amqp_url;
	const struct clock *clock;
	struct outbox *outbox; /* borrowed; must outlive the thread */
	int64_t low_stock;
};

struct account_events_stats { /* since the start */
	int64_t handled, rejected;
	int64_t failures; /* the work could not be done: to be delivered again */
	bool consuming;
};

/* Starts the thread; signals are blocked by the caller. */
MUST_USE enum err account_events_start(
    const struct account_events_settings *settings, struct account_events **out);
/* Safe on any thread. */
void account_events_stats(struct account_events *events, struct account_events_stats *out);
/* Stops, joins.  What is under way is finished or delivered again.  May run twice. */
void account_events_stop(struct account_events **events);

#endif

/*
 * items/sweeper: the thread that cleans up after purchases: it removes the reservations of sold
 * orders as they are handed over, and sweeps what expired about once a second.
 *
 * Layer: domain.  It owns its connection to the store.  With the store away it tries again.
 */
#ifndef FCGI_ITEMS_SWEEPER_H
#define FCGI_ITEMS_SWEEPER_H

#include <stdint.h>

#include "fcgi/items/settle_queue.h"
#include "fcgi/items/sweep_flow.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/infra/mongo.h"

struct sweeper;

struct sweeper_settings {
	struct mongo_pool *pool;
	const struct clock *clock;
	struct settle_queue *sold; /* borrowed; closed by sweeper_stop */
	int64_t reservation_ttl_ms;
	int64_t low_stock;
};

struct sweeper_stats {
	struct sweep_counts counts; /* since the start */
	int64_t failures;           /* passes that met an error */
};

/* Starts the thread; signals are blocked by the caller. */
MUST_USE enum err sweeper_start(const struct sweeper_settings *settings, struct sweeper **out);
/* Safe on any thread. */
void sweeper_stats(struct sweeper *sweeper, struct sweeper_stats *out);
/* Removes what is in the queue, stops, joins.  May run twice. */
void sweeper_stop(struct sweeper **sweeper);

#endif

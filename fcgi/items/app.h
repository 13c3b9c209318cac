/*
 * items/app: what all threads of items share, and what one worker owns.
 */
#ifndef FCGI_ITEMS_APP_H
#define FCGI_ITEMS_APP_H

#include "fcgi/items/settings.h"
#include "fcgi/items/shop.h"
#include "shared/base/buf.h"
#include "shared/base/clock.h"
#include "shared/infra/mongo.h"

struct account_events;
struct census;
struct metrics;
struct items_outbox;
struct outbox;
struct settle_queue;
struct sweeper;
struct verifier;

struct app { /* fixed after start */
	const struct items_settings *settings;
	const struct clock *clock;
	struct metrics *metrics;
	struct mongo_pool *pool;
	struct verifier *verifier;
	struct settle_queue *sold;
	struct sweeper *sweeper;
	struct census *census;
	struct items_outbox *events; /* where the outbox takes them from */
	struct outbox *outbox;
	struct account_events *accounts;
};

#define CATEGORIES_MAX_BYTES ((size_t)4 << 20)

struct categories { /* as they were counted last */
	struct buf body;
	int64_t good_until_ms; /* monotonic */
};

struct worker {
	struct mongo mongo;
	struct shop shop;
	struct categories categories;
};

#endif

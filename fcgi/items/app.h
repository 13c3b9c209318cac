/*
 * items/app: what all threads of items share, and what one worker owns.
 */
#ifndef FCGI_ITEMS_APP_H
#define FCGI_ITEMS_APP_H

#include "fcgi/items/settings.h"
#include "fcgi/items/shop.h"
#include "shared/base/clock.h"
#include "shared/infra/mongo.h"

struct account_events;
struct metrics;
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
	struct outbox *outbox;
	struct account_events *accounts;
};

struct worker {
	struct mongo mongo;
	struct shop shop;
};

#endif

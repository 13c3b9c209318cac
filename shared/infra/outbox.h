/*
 * infra/outbox: the relay: a thread that takes events from a store and hands them to the broker.
 *
 * Layer: infra.  Transactional outbox: an event is written in the transaction (or document) of
 * what it tells; the relay publishes it with a confirm and only then has the store forget it.  It
 * may publish twice, never lose: consumers go by the event's id.  Any number of pods may run one.
 */
#ifndef SHARED_INFRA_OUTBOX_H
#define SHARED_INFRA_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/base/id.h"
#include "shared/base/str.h"

struct outbox_event {
	struct id id;
	const char *type;        /* the routing key */
	const char *traceparent; /* or NULL */
	struct span body;        /* the CloudEvent */
	void *reference;         /* the source's own */
	bool confirmed;          /* set by the relay before settle */
};

/* Where events wait.  All are called on the relay's thread alone. */
struct outbox_source {
	void *context;
	/* Takes up to MAX events, oldest first, into EVENTS (strings in ARENA). */
	enum err (*fetch)(void *context, struct arena *arena, struct outbox_event *events,
	    size_t max, size_t *count);
	/* Forgets the confirmed ones, gives the others back.  Called after each fetch of > 0. */
	enum err (*settle)(void *context, const struct outbox_event *events, size_t count);
	/* Blocks until there may be events, TIMEOUT_MS passed or WAKE_FD is readable; NULL: the
	 * relay sleeps on WAKE_FD itself (outbox_wake). */
	enum err (*wait)(void *context, int64_t timeout_ms, int wake_fd);
	/* How many wait and how old the oldest is (ms), for gauges. */
	enum err (*depth)(void *context, int64_t *count, int64_t *oldest_ms);
};

struct outbox_stats {                          /* read by any thread */
	int64_t published, returned, failures; /* since start */
	int64_t depth, oldest_ms;              /* at the last look */
};

struct outbox;

MUST_USE enum err outbox_start(const struct outbox_source *source, const char *amqp_url,
    const char *name, const struct clock *clock, struct outbox **out);
/* Says that there is something new: from any thread, cheap. */
void outbox_wake(struct outbox *outbox);
void outbox_stats(const struct outbox *outbox, struct outbox_stats *out);
/* ERR_UNAVAILABLE, with what that means in DETAIL, when the last publish or ping failed. */
MUST_USE enum err outbox_check(const struct outbox *outbox, char *detail, size_t size);
/* Flushes once (bounded by TIMEOUT_MS), stops, joins. */
void outbox_stop(struct outbox **outbox, int64_t timeout_ms);

#endif

/*
 * notifier/webhook_record: keeping how deliveries went, and what follows for their endpoints.
 *
 * Domain.  One transaction for all: an endpoint that is disabled, the event that tells its owner,
 * and the attempt that was the reason are there together or not at all.
 */
#ifndef NOTIFIER_WEBHOOK_RECORD_H
#define NOTIFIER_WEBHOOK_RECORD_H

#include "notifier/delivery_store.h"

#define WEBHOOK_RECORD_MAX DELIVERY_LOOK_MAX

struct webhook_ending {
	const struct delivery *delivery;
	struct delivery_result result;
	bool called; /* else the endpoint had no part in it */
};

/* Up to WEBHOOK_RECORD_MAX.  *DISABLED counts the endpoints that came to their end.  pg_run's
 * errors: nothing is kept. */
MUST_USE enum err webhook_record(struct pg *pg, const struct clock *clock, struct arena *arena,
    const struct webhook_ending *const *endings, size_t count, int64_t *disabled);

#endif

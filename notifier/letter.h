/*
 * notifier/letter: a message from the broker, planned, and kept in the database.
 *
 * Flow: what an event calls for (plan, webhook_plan) into jobs, contacts and deliveries, many
 * letters in one transaction.  A consumer's thread alone.
 */
#ifndef NOTIFIER_LETTER_H
#define NOTIFIER_LETTER_H

#include "notifier/plan.h"
#include "notifier/webhook_plan.h"
#include "shared/base/clock.h"
#include "shared/base/trace.h"
#include "shared/infra/pg.h"

struct letter {
	uint64_t tag; /* the broker's */
	bool bad;     /* to the dead letters with it */
	struct trace trace;
	int64_t start_ns; /* for tracing */
	struct plan plan;
	const struct webhook_copy *copies;
	size_t copy_count;
};

/* Fills all of OUT but its tag and BAD, in ARENA; where traces are kept, what the letter calls for
 * is a consequence of its own step.  ERR_MALFORMED, ERR_MEMORY. */
MUST_USE enum err letter_plan(struct arena *arena, struct span body, struct letter *out);
/* Keeps COUNT letters, but for bad ones; ADDED: jobs that were not there yet.  All or none.  Errors
 * are pg_run's. */
MUST_USE enum err letters_store(struct pg *pg, const struct clock *clock, struct arena *arena,
    const struct letter *letters, size_t count, int64_t *added);
/* Says in the log and in the trace that it was kept, from QUEUE. */
void letter_tell_kept(const struct letter *letter, const char *queue);

#endif

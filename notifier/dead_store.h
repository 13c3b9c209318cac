/*
 * notifier/dead_store: jobs that were given up, and the age at which what is done is forgotten.
 *
 * Store.  A struct pg belongs to the calling thread.  Errors are pg_run's.
 */
#ifndef NOTIFIER_DEAD_STORE_H
#define NOTIFIER_DEAD_STORE_H

#include <stdio.h>

#include "shared/base/clock.h"
#include "shared/infra/pg.h"

#define DEAD_STORE_LIST_MAX 1000

/* Prints the newest, at most DEAD_STORE_LIST_MAX, a line each; *COUNT tells how many there are. */
MUST_USE enum err dead_store_list(
    struct pg *pg, const struct deadline *deadline, FILE *out, int64_t *count);
/* Of COUNT ids, or of all when IDS is NULL: those that were given up are due again, from the
 * beginning of their schedule.  *DONE counts them. */
MUST_USE enum err dead_store_replay(struct pg *pg, const struct deadline *deadline,
    const struct id *ids, size_t count, int64_t *done);
/* Likewise: they are forgotten. */
MUST_USE enum err dead_store_drop(struct pg *pg, const struct deadline *deadline,
    const struct id *ids, size_t count, int64_t *done);

/* Deletes finished jobs that were made before MADE_BEFORE_MS, MAX at most.  *DONE counts them. */
MUST_USE enum err dead_store_forget(struct pg *pg, const struct deadline *deadline,
    int64_t made_before_ms, int64_t max, int64_t *done);

#endif

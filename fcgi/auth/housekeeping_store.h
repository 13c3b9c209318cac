/*
 * auth/housekeeping_store: removing old rows from PostgreSQL, some at a time.
 */
#ifndef FCGI_AUTH_HOUSEKEEPING_STORE_H
#define FCGI_AUTH_HOUSEKEEPING_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/infra/pg.h"

/* One sweep of every table, HOUSEKEEPING_BATCH rows of each at most.  *MORE: some had that many. */
#define HOUSEKEEPING_BATCH 1000
MUST_USE enum err housekeeping_sweep(
    struct pg *pg, const struct deadline *deadline, int64_t keep_s, bool *more);

#endif

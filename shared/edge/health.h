/*
 * edge/health: /healthz and /readyz from a const table of checks.
 *
 * Layer: edge.  Liveness touches no dependency.  Readiness runs every check and names those that
 * fail: {"status":"unavailable","checks":[{"name":"mongodb","ok":false,"detail":"…"}]}.
 */
#ifndef SHARED_EDGE_HEALTH_H
#define SHARED_EDGE_HEALTH_H

#include <stdbool.h>

#include "shared/base/buf.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"

struct app;
struct worker;

#define HEALTH_DETAIL_SIZE 128

struct health_check {
	const char *name; /* "postgresql", "mongodb", "rabbitmq", "auth"; table ends with NULL */
	/* ERR_OK or why not.  DETAIL (no secrets, no addresses with credentials) may be left "".
	 * A check that only degrades (auth away: items goes on with what it knows) returns ERR_OK
	 * and says so in DETAIL. */
	enum err (*run)(const struct app *app, struct worker *worker,
	    const struct deadline *deadline, char detail[HEALTH_DETAIL_SIZE]);
};

/*
 * Runs all; writes the JSON.  ERR_OK, or ERR_UNAVAILABLE when any failed that EXCLUDED does not
 * name. EXCLUDED is a list with commas, or "".  It is for probes that ask whether traffic may come:
 * with the broker away the API goes on, while a person wants to hear that the broker is away.
 */
MUST_USE enum err health_ready(const struct health_check *checks, const struct app *app,
    struct worker *worker, const struct deadline *deadline, const char *excluded, struct buf *out);
/* Is NAME in the list? */
bool health_excludes(const char *excluded, const char *name);

#endif

/*
 * edge/ratelimit: requests a window for a key, by GCRA (leaky bucket as a meter), in memory.
 *
 * Layer: edge.  A fixed table made at start, sharded by mutexes: bounded memory; in a full row of
 * it the key that used least of its window lately goes.  Keys are hashed with a secret of the
 * process.  Limits of one pod: pods don't share it.  Safe on any thread.
 */
#ifndef SHARED_EDGE_RATELIMIT_H
#define SHARED_EDGE_RATELIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"

struct ratelimit;

struct rate_policy {
	const char
	    *name; /* "account", "address", "login": part of the key and of RateLimit-Policy */
	int64_t requests; /* a window; 0: no limit */
	int64_t window_s;
};

struct rate_state {
	bool allowed;
	int64_t remaining;
	unsigned reset_s;       /* until the window is whole again */
	unsigned retry_after_s; /* when not allowed */
};

MUST_USE enum err ratelimit_new(size_t keys_max, struct ratelimit **out);
void ratelimit_free(struct ratelimit **limit);
/* Counts one request of KEY under POLICY at NOW_MS (monotonic). */
void ratelimit_take(struct ratelimit *limit, const struct rate_policy *policy, const char *key,
    int64_t now_ms, struct rate_state *out);

#endif

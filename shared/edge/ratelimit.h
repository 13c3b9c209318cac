/*
 * edge/ratelimit: requests a window for a key, by GCRA (leaky bucket as a meter), in memory; and
 * what a count kept elsewhere comes to.
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
/* What one request takes of POLICY's window. */
int64_t ratelimit_step_us(const struct rate_policy *policy);
/* What is told when TAKEN_US of POLICY's window are taken, and the request was ALLOWED or not. */
void ratelimit_describe(
    const struct rate_policy *policy, int64_t taken_us, bool allowed, struct rate_state *out);
/* Counts one request of KEY under POLICY at NOW_MS (monotonic). */
void ratelimit_take(struct ratelimit *limit, const struct rate_policy *policy, const char *key,
    int64_t now_ms, struct rate_state *out);

#endif

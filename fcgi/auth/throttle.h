/*
 * auth/throttle: in whose name failed sign-ins are counted, and which counts hold one up.
 *
 * Pure.  A device that the account signed in by is counted alone and held up by nothing else.  All
 * others count for the account with their address, and for the account from everywhere; an address
 * from which the account signed in lately is not held up by the latter.  So whoever guesses is
 * slowed, wherever they sit, and the owner at a place of their own is not.
 */
#ifndef FCGI_AUTH_THROTTLE_H
#define FCGI_AUTH_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/id.h"

struct throttle_buckets {
	const char *account, *pair;
	const char *device; /* of the cookie that came along, not yet believed; NULL: none */
};

/* Names hold no list of addresses: they are hashes.  NETWORK is what limits by address count. */
MUST_USE enum err throttle_buckets_of(struct arena *arena, const char *email_key,
    const char *network, const char *device_cookie, struct throttle_buckets *out);

struct throttle_locks { /* how long each is locked, in ms; 0: not */
	int64_t account_ms, pair_ms, device_ms;
};

struct throttle_place { /* where an attempt comes from, once it is known for whom */
	bool device_known;
	bool address_known;
};

struct throttle {
	/* Sets of buckets, as PostgreSQL writes an array. */
	const char *counts; /* what a failure adds to, and a success forgives */
	const char *holds;  /* whose lock refuses the attempt */
	int64_t locked_ms;  /* 0: nothing holds it up */
};

/* What is counted against whoever proved in another way to be the owner, as PostgreSQL writes an
 * array.  What was counted for other networks and devices goes within a day, and names nobody. */
MUST_USE enum err throttle_owner_counts(
    struct arena *arena, const char *email_key, const char *network, const char **out);

/* The bucket of a session, whose holder may be another than the account's owner: wrong passwords
 * that come by it hold up nobody else.  NULL at the arena's cap. */
const char *throttle_session_bucket(struct arena *arena, const struct id *session_id);

MUST_USE enum err throttle_decide(struct arena *arena, const struct throttle_buckets *buckets,
    const struct throttle_locks *locks, struct throttle_place place, struct throttle *out);

#endif

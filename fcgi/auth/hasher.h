/*
 * auth/hasher: bcrypt on threads of its own.
 *
 * Hashing takes all of a core for a quarter of a second.  So it has a fixed number of threads, of
 * low priority, so that what else runs on these cores is not slowed by a flood of sign-ins; and a
 * bounded queue, so that a caller either gets its turn soon or is refused at once.  At most
 * CALLERS_MAX callers are inside at a time: the others of the program's workers stay free for
 * requests that need no hash.  Safe on any thread.
 */
#ifndef FCGI_AUTH_HASHER_H
#define FCGI_AUTH_HASHER_H

#include <stddef.h>
#include <stdint.h>

#include "fcgi/auth/password.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"

struct hasher;

struct hasher_settings {
	size_t threads;      /* at least 1 */
	size_t callers_max;  /* at least 1 */
	int64_t wait_max_ms; /* no one is let in who would probably wait longer */
	int64_t cost;        /* for a first guess of how long a hash takes */
};

struct hasher_stats {
	int64_t queued, running; /* now */
	int64_t hashed, refused; /* since start */
};

MUST_USE enum err hasher_new(const struct hasher_settings *settings, struct hasher **out);
/* Ends the threads after the hash each is at.  No caller may be inside. */
void hasher_free(struct hasher **hasher);

struct hasher_turn {            /* what a call tells besides its error */
	int64_t waited_ms;      /* in the queue */
	unsigned retry_after_s; /* with ERR_BUSY and ERR_DEADLINE */
};

/*
 * crypt(PHRASE, SETTING), where SETTING begins with that of a $2b$ hash.  Waits for it.  ERR_BUSY:
 * the queue is full or too slow; ERR_DEADLINE: the deadline came first (the hash is given up, or
 * ends unseen); ERR_INTERNAL: crypt(3) refused.  TURN is always written.
 */
MUST_USE enum err hasher_run(struct hasher *hasher, const struct deadline *deadline,
    const char phrase[PASSWORD_PREHASH_SIZE], const char *setting, char out[PASSWORD_HASH_SIZE],
    struct hasher_turn *turn);
void hasher_stats(struct hasher *hasher, struct hasher_stats *out);

#endif

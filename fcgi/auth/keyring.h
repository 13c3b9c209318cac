/*
 * auth/keyring: the keys that sign and verify access tokens, from a folder of PEM files.
 *
 * Keys rotate without a restart: the folder is looked at every two seconds, by whichever thread
 * comes by.  A new file is published at once and signs once it has been published for the delay,
 * so that no one meets a token by a key that their cached JWKS lacks; the newest such key signs.
 * While no key is that old the oldest one signs, hence a first key at once.  Newest is by the
 * file's time, then its name.  A file that goes takes its key along, and the tokens signed by it.
 *
 * Readers share an immutable snapshot by reference count.  Safe on any thread.
 */
#ifndef FCGI_AUTH_KEYRING_H
#define FCGI_AUTH_KEYRING_H

#include <stddef.h>
#include <stdint.h>

#include "shared/base/cleanup.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/edge/jwt_keys.h"

#define KEYRING_LOOK_MS 2000

struct keyring;

/* Borrows DIR and CLOCK for life.  ERR_CONFIG: no readable folder, no key in it, or a file that is
 * no P-256 private key (each said in the log).  Later faults are logged; the good keys serve. */
MUST_USE enum err keyring_new(
    const char *dir, int64_t publish_delay_ms, const struct clock *clock, struct keyring **out);
void keyring_free(struct keyring **keyring);

struct key_snapshot {
	struct jwt_key_set *set;
	const struct jwt_key *signer; /* in the set; NULL while there is no key at all */
	size_t references;            /* the keyring's business */
};

struct key_loan {
	struct keyring *keyring;
	struct key_snapshot *keys; /* not to be changed */
};

/* Lends the keys of this moment; auto_key_loan gives them back. */
struct key_loan keyring_take(struct keyring *keyring);
void keyring_give(struct key_loan *loan);
#define auto_key_loan AUTO_OF(keyring_give)

size_t keyring_count(struct keyring *keyring);

#endif

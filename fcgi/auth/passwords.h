/*
 * auth/passwords: hashing and checking, with the peppers and the cost of this program.
 *
 * Fixed after start, safe on any thread.  Each call waits for the hasher.
 */
#ifndef FCGI_AUTH_PASSWORDS_H
#define FCGI_AUTH_PASSWORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/auth/hasher.h"
#include "fcgi/auth/password.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"

struct metrics;
struct passwords;

struct passwords_settings {
	const char *pepper;
	const char *pepper_old; /* "": none */
	int64_t cost;
	struct hasher_settings hasher;
};

struct password_hash {
	char text[PASSWORD_HASH_SIZE];
	char pepper_id[PASSWORD_PEPPER_ID_SIZE];
};

/* Texts of SETTINGS are borrowed for life. */
MUST_USE enum err passwords_new(
    const struct passwords_settings *settings, struct metrics *metrics, struct passwords **out);
void passwords_free(struct passwords **passwords);

/*
 * Hashes NORMAL, a normalised password.  ERR_BUSY and ERR_DEADLINE put a Retry-After into FAULT.
 */
MUST_USE enum err passwords_hash(struct passwords *passwords, const struct deadline *deadline,
    const char *normal, struct fault *fault, struct password_hash *out);

struct password_verdict {
	bool matches;
	bool outdated; /* another cost or pepper than today's: hash it anew while it is known */
};

/*
 * Does NORMAL fit the hash STORED, made with PEPPER_ID?  STORED NULL: there is no such account, and
 * the answer, no, takes as long as that of a wrong password.  Errors as above; ERR_CORRUPT: STORED
 * is no hash, or its pepper is not known here.
 */
MUST_USE enum err passwords_verify(struct passwords *passwords, const struct deadline *deadline,
    const char *normal, const char *stored, const char *pepper_id, struct fault *fault,
    struct password_verdict *out);

void passwords_stats(struct passwords *passwords, struct hasher_stats *out);

#endif

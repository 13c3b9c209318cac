/*
 * auth/mfa_store: second factors in PostgreSQL, and sign-ins that wait for one.  One round trip a
 * call; a worker's own thread.
 *
 * Texts of results live in the arena.  Errors are those of pg_run where nothing else is said.
 */
#ifndef FCGI_AUTH_MFA_STORE_H
#define FCGI_AUTH_MFA_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/auth/call.h"
#include "fcgi/auth/throttle.h"
#include "shared/base/err.h"
#include "shared/base/id.h"

/* A sign-in waits this long for its code, and takes this many. */
#define MFA_CHALLENGE_S     300
#define MFA_CHALLENGE_TRIES 5

struct second_factor {
	struct id user_id;
	const char *secret, *pepper_id; /* sealed */
	bool confirmed;
	int64_t last_step;
};

/* In place of one that was never confirmed.  ERR_CONFLICT: there is one that was. */
MUST_USE enum err mfa_store_begin(const struct call *call, const struct second_factor *factor);
/* ERR_NOT_FOUND. */
MUST_USE enum err mfa_store_find(
    const struct call *call, const struct id *user_id, struct second_factor *out);

struct mfa_confirmation {
	const struct second_factor *factor; /* as it was found */
	int64_t step;                       /* of the code that proved it */
	const char *recovery_kept;          /* an array of hashes */
	struct id audit_id;
};
/* ERR_CONFLICT: confirmed or begun anew meanwhile. */
MUST_USE enum err mfa_store_confirm(
    const struct call *call, const struct mfa_confirmation *confirmation);

struct mfa_use { /* of a code that is right, and may have been used already */
	struct id user_id;
	int64_t step;                   /* TOTP_NO_STEP: a recovery code */
	const char *recovery_kept;      /* its hash */
	const char *secret, *pepper_id; /* sealed anew, or NULL */
	struct id audit_id;
};
/* Uses it up.  ERR_WRONG_CODE: it was. */
MUST_USE enum err mfa_store_use(const struct call *call, const struct mfa_use *use);
/* The factor and all that belongs to it. */
MUST_USE enum err mfa_store_remove(
    const struct call *call, const struct id *user_id, const struct id *audit_id);

struct new_challenge {
	const char *token_kept;
	const struct id *user_id;
	const char *password_version;
	const struct throttle *throttle;
};
/* A sign-in waits.  Errors as of session_store_add. */
MUST_USE enum err mfa_store_challenge(
    const struct call *call, const struct new_challenge *challenge, int64_t *locked_ms);

struct mfa_challenge {
	const char *email_key, *password_version;
	struct second_factor factor;
};
/* Counts a try, before anybody looks at its code.  ERR_NOT_FOUND: no such challenge, or it is
 * over. */
MUST_USE enum err mfa_store_try(
    const struct call *call, const char *token_kept, struct mfa_challenge *out);
/* Ends it.  ERR_NOT_FOUND: somebody else did. */
MUST_USE enum err mfa_store_spend(const struct call *call, const char *token_kept);

#endif

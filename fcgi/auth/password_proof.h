/*
 * auth/password_proof: who is signed in proves once more, by the password, to be the account's
 * owner.  A worker's own thread.
 */
#ifndef FCGI_AUTH_PASSWORD_PROOF_H
#define FCGI_AUTH_PASSWORD_PROOF_H

#include "fcgi/auth/account_store.h"
#include "fcgi/auth/call.h"
#include "shared/base/err.h"
#include "shared/edge/principal.h"

struct app;
struct throttle;

/*
 * ERR_WRONG_PASSWORD, which the audit notes; ERR_ACCOUNT_LOCKED with a Retry-After: after five of
 * these in a row by this session; ERR_TOKEN_INVALID: the session has ended; ERR_BUSY and
 * ERR_DEADLINE with a Retry-After.  What the proof allows is done under account_store_lock by the
 * version that was proven.
 */
MUST_USE enum err password_proof(const struct app *app, const struct call *call,
    const struct principal *principal, const char *password, struct account_secret *out);

/* What a signed-in user gave to prove who they are, and was wrong. */
struct failed_proof {
	const struct id *user_id;
	const struct throttle *throttle; /* where it counts */
	const char *action, *factor;     /* as the audit has them */
	enum err refusal;
};

/* Counts and audits it.  Returns its refusal; ERR_ACCOUNT_LOCKED with a Retry-After where others
 * have locked that meanwhile; the store's errors. */
MUST_USE enum err proof_refuse(const struct call *call, const struct failed_proof *failed);

#endif

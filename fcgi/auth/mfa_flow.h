/*
 * auth/mfa_flow: an account's second factor: begun, confirmed, checked, removed.  A worker's own
 * thread.
 */
#ifndef FCGI_AUTH_MFA_FLOW_H
#define FCGI_AUTH_MFA_FLOW_H

#include "fcgi/auth/call.h"
#include "fcgi/auth/mfa_store.h"
#include "fcgi/auth/recovery_code.h"
#include "shared/base/err.h"
#include "shared/edge/principal.h"

struct app;

struct totp_offer {
	const char *secret; /* base32 */
	const char *uri;
};

/* A fresh secret, in place of one not confirmed.  ERR_TOKEN_INVALID: the session has ended;
 * ERR_CONFLICT: a second factor is there. */
MUST_USE enum err mfa_begin(const struct app *app, const struct call *call,
    const struct principal *principal, struct totp_offer *out);
/* From here on signing in takes a code.  ERR_WRONG_CODE; ERR_CONFLICT: nothing was begun, or it is
 * confirmed already; ERR_TOKEN_INVALID. */
MUST_USE enum err mfa_confirm(const struct app *app, const struct call *call,
    const struct principal *principal, const char *code, struct recovery_codes *out);
/* ERR_WRONG_PASSWORD, ERR_WRONG_CODE, ERR_NOT_FOUND: there is none; ERR_ACCOUNT_LOCKED: too many
 * of the former; ERR_TOKEN_INVALID. */
MUST_USE enum err mfa_remove(const struct app *app, const struct call *call,
    const struct principal *principal, const char *password, const char *code);

/* Is CODE, of an authenticator or one for recovery, FACTOR's?  *OUT is for mfa_store_use, which
 * says whether it was used before.  ERR_WRONG_CODE; ERR_CORRUPT: the secret does not open. */
MUST_USE enum err mfa_check_code(const struct app *app, const struct call *call,
    const struct second_factor *factor, const char *code, struct mfa_use *out);

#endif

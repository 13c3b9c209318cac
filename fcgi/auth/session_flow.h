/*
 * auth/session_flow: signing in, going on, signing out.  A worker's own thread.
 */
#ifndef FCGI_AUTH_SESSION_FLOW_H
#define FCGI_AUTH_SESSION_FLOW_H

#include "fcgi/auth/call.h"
#include "fcgi/auth/refresh_token.h"
#include "fcgi/auth/user.h"
#include "shared/base/err.h"
#include "shared/edge/principal.h"

struct app;

/*
 * Begins a session.  ERR_CREDENTIALS for every cause, in the time of one hash; ERR_ACCOUNT_LOCKED
 * with a Retry-After, whether the account exists or not; ERR_BUSY and ERR_DEADLINE likewise;
 * ERR_MFA_REQUIRED: the password is right, and the call's fault holds the token to go on with.
 */
MUST_USE enum err session_sign_in(const struct app *app, const struct call *call,
    const struct credentials *credentials, struct tokens *out);
/*
 * Finishes a sign-in by a code.  ERR_CREDENTIALS for every cause; ERR_ACCOUNT_LOCKED with a
 * Retry-After, as wrong codes count like wrong passwords.
 */
MUST_USE enum err session_sign_in_by_code(const struct app *app, const struct call *call,
    const struct mfa_answer *answer, struct tokens *out);
/*
 * Trades a refresh token for its successor.  Once more within the grace it gives the same one;
 * after that the session ends: ERR_REFRESH_REUSED.  ERR_TOKEN_INVALID: none of ours, or of a
 * session that has ended.
 */
MUST_USE enum err session_refresh(
    const struct app *app, const struct call *call, const char *text, struct tokens *out);
/* A fresh access token beside REFRESH, of a session of USER.  ERR_UNAVAILABLE: there is no key. */
MUST_USE enum err session_tokens_issue(const struct app *app, const struct call *call,
    const struct user *user, const struct refresh_token *refresh, int64_t refresh_expires_in_s,
    struct tokens *out);
/* ERR_ACCOUNT_LOCKED, with what the client is told of LOCKED_MS. */
MUST_USE enum err session_refuse_locked(const struct call *call, int64_t locked_ms);
/* Ends a refresh token's session.  What is no good token ends nothing, which is no error (RFC
 * 7009). */
MUST_USE enum err session_sign_out(const struct call *call, const char *text);
/* Ends one of PRINCIPAL's sessions.  ERR_NOT_FOUND: none of theirs, or not alive any more;
 * ERR_TOKEN_INVALID. */
MUST_USE enum err session_end_one(
    const struct call *call, const struct principal *principal, const struct id *session_id);
/* Ends all sessions of the user of an access token.  ERR_TOKEN_INVALID. */
MUST_USE enum err session_sign_out_everywhere(
    const struct app *app, const struct call *call, const char *access_token);

#endif

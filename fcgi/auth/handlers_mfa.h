/*
 * auth/handlers_mfa: the second factor of an account.
 */
#ifndef FCGI_AUTH_HANDLERS_MFA_H
#define FCGI_AUTH_HANDLERS_MFA_H

#include "shared/edge/route.h"

/* POST /auth/mfa/totp: 201 and a secret for an authenticator.  ERR_CONFLICT: there is one. */
enum err handle_begin_totp(const struct app *app, struct request *rq, struct response *rs);
/* POST /auth/mfa/totp/confirm: 200 and codes for recovery.  ERR_WRONG_CODE, ERR_CONFLICT. */
enum err handle_confirm_totp(const struct app *app, struct request *rq, struct response *rs);
/* DELETE /auth/mfa/totp: 204.  ERR_WRONG_PASSWORD, ERR_WRONG_CODE, ERR_NOT_FOUND: there is none. */
enum err handle_remove_totp(const struct app *app, struct request *rq, struct response *rs);

#endif

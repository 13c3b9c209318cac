/*
 * auth/handlers_session: signing in, going on, signing out.
 */
#ifndef FCGI_AUTH_HANDLERS_SESSION_H
#define FCGI_AUTH_HANDLERS_SESSION_H

#include "shared/edge/route.h"

/* POST /auth/login: 200 and the tokens.  ERR_CREDENTIALS, ERR_ACCOUNT_LOCKED,
 * ERR_MFA_REQUIRED. */
enum err handle_login(const struct app *app, struct request *rq, struct response *rs);
/* POST /auth/mfa/login: 200 and the tokens.  ERR_CREDENTIALS, ERR_ACCOUNT_LOCKED. */
enum err handle_mfa_login(const struct app *app, struct request *rq, struct response *rs);
/* POST /auth/refresh: 200 and the next tokens.  ERR_TOKEN_INVALID, ERR_REFRESH_REUSED. */
enum err handle_refresh(const struct app *app, struct request *rq, struct response *rs);
/* POST /auth/logout: 204.  With {"all": true} ERR_TOKEN_MISSING, ERR_TOKEN_INVALID: the bearer
 * token is looked at for that alone: one that has expired must not keep a session from ending. */
enum err handle_logout(const struct app *app, struct request *rq, struct response *rs);
/* GET /auth/session: 200 and the caller's living sessions, newest first. */
enum err handle_list_sessions(const struct app *app, struct request *rq, struct response *rs);
/* DELETE /auth/session/{id}: 204.  ERR_NOT_FOUND. */
enum err handle_end_session(const struct app *app, struct request *rq, struct response *rs);

#endif

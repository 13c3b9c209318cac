/*
 * auth/handlers_password: another password, and the address of an account.
 */
#ifndef FCGI_AUTH_HANDLERS_PASSWORD_H
#define FCGI_AUTH_HANDLERS_PASSWORD_H

#include "shared/edge/route.h"

/* POST /auth/password/change: 204.  ERR_WRONG_PASSWORD. */
enum err handle_change_password(const struct app *app, struct request *rq, struct response *rs);
/* POST /auth/password/forgot: 202, whatever the address. */
enum err handle_forgot_password(const struct app *app, struct request *rq, struct response *rs);
/* POST /auth/password/reset: 204.  ERR_TOKEN_SPENT. */
enum err handle_reset_password(const struct app *app, struct request *rq, struct response *rs);
/* POST /auth/email/verify: 204.  ERR_TOKEN_SPENT. */
enum err handle_verify_email(const struct app *app, struct request *rq, struct response *rs);
/* POST /auth/email/resend: 202. */
enum err handle_resend_verification(const struct app *app, struct request *rq, struct response *rs);

#endif

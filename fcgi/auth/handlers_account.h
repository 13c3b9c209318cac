/*
 * auth/handlers_account: registration, and the caller's own account.
 */
#ifndef FCGI_AUTH_HANDLERS_ACCOUNT_H
#define FCGI_AUTH_HANDLERS_ACCOUNT_H

#include "shared/edge/route.h"

/* POST /auth/register: 201 and the account.  ERR_EMAIL_TAKEN. */
enum err handle_register(const struct app *app, struct request *rq, struct response *rs);
/* GET /auth/me: 200 and the account. */
enum err handle_get_me(const struct app *app, struct request *rq, struct response *rs);
/* PATCH /auth/me: 200 and the account.  ERR_PRECONDITION by If-Match. */
enum err handle_update_me(const struct app *app, struct request *rq, struct response *rs);
/* DELETE /auth/me: 204.  ERR_WRONG_PASSWORD. */
enum err handle_delete_me(const struct app *app, struct request *rq, struct response *rs);

#endif

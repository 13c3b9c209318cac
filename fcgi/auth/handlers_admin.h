/*
 * auth/handlers_admin: accounts as administrators see them, and the audit.
 */
#ifndef FCGI_AUTH_HANDLERS_ADMIN_H
#define FCGI_AUTH_HANDLERS_ADMIN_H

#include "shared/edge/route.h"

/* GET /auth/user: 200 and a page of accounts. */
enum err handle_list_users(const struct app *app, struct request *rq, struct response *rs);
/* GET /auth/user/{id}: 200 and the account.  ERR_NOT_FOUND. */
enum err handle_get_user(const struct app *app, struct request *rq, struct response *rs);
/* PATCH /auth/user/{id}: 200 and the account.  ERR_NOT_FOUND, ERR_CONFLICT. */
enum err handle_update_user(const struct app *app, struct request *rq, struct response *rs);
/* GET /auth/audit: 200 and a page of events: one's own; all, for administrators. */
enum err handle_list_audit(const struct app *app, struct request *rq, struct response *rs);

#endif

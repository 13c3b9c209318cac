/*
 * auth/account_flow: making accounts, and who somebody is.  A worker's own thread.
 */
#ifndef FCGI_AUTH_ACCOUNT_FLOW_H
#define FCGI_AUTH_ACCOUNT_FLOW_H

#include "fcgi/auth/call.h"
#include "fcgi/auth/user.h"
#include "shared/base/err.h"
#include "shared/edge/principal.h"

struct app;

/* ERR_EMAIL_TAKEN; ERR_BUSY and ERR_DEADLINE with a Retry-After in the call's fault. */
MUST_USE enum err account_register(const struct app *app, const struct call *call,
    const struct registration *registration, struct user *out);
/* PRINCIPAL's account, as the database has it now.  ERR_TOKEN_INVALID: the session has ended, or
 * the account is disabled. */
MUST_USE enum err account_of_principal(
    const struct call *call, const struct principal *principal, struct user *out);

#endif

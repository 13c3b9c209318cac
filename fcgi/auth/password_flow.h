/*
 * auth/password_flow: another password for an account, by the one before or by a mail.  A worker's
 * own thread.
 */
#ifndef FCGI_AUTH_PASSWORD_FLOW_H
#define FCGI_AUTH_PASSWORD_FLOW_H

#include "fcgi/auth/call.h"
#include "fcgi/auth/user.h"
#include "shared/base/err.h"
#include "shared/edge/principal.h"

struct app;

/* Changes PRINCIPAL's password and ends every other session.  ERR_WRONG_PASSWORD, ERR_VALIDATION,
 * ERR_TOKEN_INVALID; ERR_BUSY and ERR_DEADLINE with a Retry-After. */
MUST_USE enum err password_change(const struct app *app, const struct call *call,
    const struct principal *principal, const struct password_change *change);

/* Asks for a link to reset a password.  The same work whether there is such an account or not: the
 * link_courier sees to the rest. */
MUST_USE enum err password_forgot(const struct call *call, const char *email_key);

/* Sets a password by a link and ends every session; sign-ins that failed before are forgiven.
 * ERR_TOKEN_SPENT, ERR_VALIDATION; ERR_BUSY and ERR_DEADLINE with a Retry-After. */
MUST_USE enum err password_reset(
    const struct app *app, const struct call *call, const struct password_reset *reset);

#endif

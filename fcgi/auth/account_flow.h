/*
 * auth/account_flow: accounts from their making to their end.  A worker's own thread.
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

struct account_guard { /* may the account be changed as it is?  An error refuses */
	enum err (*check)(void *context, const struct user *user);
	void *context;
};

/* Changes PRINCIPAL's account, and tells of it unless nothing differs.  The guard's error;
 * ERR_TOKEN_INVALID. */
MUST_USE enum err account_update(const struct call *call, const struct principal *principal,
    const struct profile_patch *patch, const struct account_guard *guard, struct user *out);
/* Removes PRINCIPAL's account.  ERR_WRONG_PASSWORD, ERR_TOKEN_INVALID; ERR_BUSY and ERR_DEADLINE
 * with a Retry-After. */
MUST_USE enum err account_delete(const struct app *app, const struct call *call,
    const struct principal *principal, const char *password);

#endif

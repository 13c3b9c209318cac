/*
 * auth/admin_flow: what administrators do to accounts.  A worker's own thread.
 *
 * Whoever calls must be one now, whatever their token says: ERR_FORBIDDEN; ERR_TOKEN_INVALID: their
 * session has ended.
 */
#ifndef FCGI_AUTH_ADMIN_FLOW_H
#define FCGI_AUTH_ADMIN_FLOW_H

#include "fcgi/auth/account_flow.h"
#include "fcgi/auth/call.h"
#include "fcgi/auth/user.h"
#include "shared/base/err.h"
#include "shared/edge/principal.h"

MUST_USE enum err admin_check(const struct call *call, const struct principal *principal);

/* ERR_NOT_FOUND. */
MUST_USE enum err admin_get_user(const struct call *call, const struct principal *principal,
    const struct id *id, struct user *out);

/*
 * ERR_NOT_FOUND; the guard's error; ERR_CONFLICT: an administrator disables their own account, or
 * there would be no administrator left.  The sessions of an account that is disabled or loses a
 * role end.
 */
MUST_USE enum err admin_change_user(const struct call *call, const struct principal *principal,
    const struct id *id, const struct user_patch *patch, const struct account_guard *guard,
    struct user *out);

#endif

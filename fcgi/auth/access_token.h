/*
 * auth/access_token: access tokens by this program's keys.  Safe on any thread.
 */
#ifndef FCGI_AUTH_ACCESS_TOKEN_H
#define FCGI_AUTH_ACCESS_TOKEN_H

#include "fcgi/auth/user.h"
#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/edge/jwt.h"
#include "shared/edge/principal.h"

struct app;

/* Signs one for USER's session.  ERR_UNAVAILABLE: there is no key. */
MUST_USE enum err access_token_issue(const struct app *app, struct arena *arena,
    const struct user *user, const struct id *session_id, const char **token);
/* Checks everything but whether the session still lives, which the database knows alone.
 * ERR_TOKEN_INVALID. */
MUST_USE enum err access_token_check(
    const struct app *app, struct arena *arena, const char *token, struct jwt_claims *out);
/*
 * The edge's authenticator: access_token_check as a principal.  Each handler that a principal comes
 * to asks the database, in the query it makes anyway, whether the session still lives.
 */
struct authenticator access_token_authenticator(struct app *app);

#endif

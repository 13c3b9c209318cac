/*
 * auth/handlers_token: what others need to know about access tokens.
 */
#ifndef FCGI_AUTH_HANDLERS_TOKEN_H
#define FCGI_AUTH_HANDLERS_TOKEN_H

#include "shared/edge/route.h"

/* GET /auth/validate: 204 and whose the bearer token is, in headers: forward-auth. */
enum err handle_authorize(const struct app *app, struct request *rq, struct response *rs);
/* POST /auth/validate: 200 and RFC 7662's answer. */
enum err handle_validate(const struct app *app, struct request *rq, struct response *rs);
/* GET /auth/.well-known/jwks.json: 200, cacheable for as long as a new key waits to sign. */
enum err handle_jwks(const struct app *app, struct request *rq, struct response *rs);
/* GET /auth/revoked?since=: 200 and the sessions that ended within a token's life. */
enum err handle_revoked(const struct app *app, struct request *rq, struct response *rs);

#endif

#include "fcgi/auth/handlers_token.h"

#include <inttypes.h>

#include "fcgi/auth/access_token.h"
#include "fcgi/auth/account_flow.h"
#include "fcgi/auth/app.h"
#include "fcgi/auth/auth_wire.h"
#include "fcgi/auth/keyring.h"
#include "fcgi/auth/role_names.h"
#include "fcgi/auth/session_store.h"

enum err
handle_authorize(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	const char *roles;
	struct user user;

	(void)app;
	TRY(query_none(rq));
	TRY(account_of_principal(&call, rq->principal, &user));
	TRY_ALLOC(roles = role_names_text(rq->arena, user.roles));
	TRY(response_header(rs, "X-User-Id", "%s", user.id.text));
	TRY(response_header(rs, "X-User-Email", "%s", user.email));
	TRY(response_header(rs, "X-User-Roles", "%s", roles));
	return response_empty(rs, 204);
}

enum err
handle_validate(const struct app *app, struct request *rq, struct response *rs)
{
	struct jwt_claims claims;
	const char *token;
	struct user user;
	enum err err;

	TRY(wire_read_validate(rq, &token));
	err = access_token_check(app, rq->arena, token, &claims);
	if (err == ERR_OK)
		err = session_store_user(rq->worker->pg, &rq->deadline, rq->arena,
		    &claims.session_id, &claims.subject, &user);
	if (err == ERR_TOKEN_INVALID)
		return wire_answer_claims(rs, NULL);
	TRY(err);
	return wire_answer_claims(rs, &claims);
}

enum err
handle_jwks(const struct app *app, struct request *rq, struct response *rs)
{
	auto_key_loan struct key_loan loan = keyring_take(app->keyring);
	char cache[64];

	rq->is_routine = true;
	TRY(query_none(rq));
	/* A copy of the keys may not be older than a key waits before it signs. */
	(void)snprintf(
	    cache, sizeof(cache), "public, max-age=%" PRId64, app->settings->key_publish_delay_s);
	TRY(response_cache(rs, cache));
	jwks_write(loan.keys->set, rs->buf);
	return response_json(rs, 200);
}

enum err
handle_revoked(const struct app *app, struct request *rq, struct response *rs)
{
	struct ended_sessions ended;
	int64_t since_ms = 0;

	rq->is_routine = true;
	TRY(wire_read_since(rq, &since_ms));
	TRY(session_store_ended(rq->worker->pg, &rq->deadline, rq->arena, since_ms,
	    app->settings->access_ttl_s + JWT_CLOCK_SKEW_S, &ended));
	return wire_answer_ended(rq, rs, &ended);
}

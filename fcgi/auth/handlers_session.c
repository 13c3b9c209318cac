#include "fcgi/auth/handlers_session.h"

#include "fcgi/auth/auth_wire.h"
#include "fcgi/auth/password_wire.h"
#include "fcgi/auth/session_flow.h"

enum err
handle_login(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct credentials credentials;
	struct tokens tokens;

	TRY(wire_read_credentials(rq, &credentials));
	TRY(session_sign_in(app, &call, &credentials, &tokens));
	return wire_answer_tokens(rs, &tokens);
}

enum err
handle_refresh(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct tokens tokens;
	const char *token;

	TRY(wire_read_refresh(rq, &token));
	TRY(session_refresh(app, &call, token, &tokens));
	return wire_answer_tokens(rs, &tokens);
}

enum err
handle_logout(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct sign_out sign_out;
	const char *bearer;

	TRY(wire_read_sign_out(rq, &sign_out));
	if (!sign_out.all) {
		TRY(session_sign_out(&call, sign_out.refresh_token));
		return response_empty(rs, 204);
	}
	TRY(request_bearer(rq, &bearer));
	if (bearer == NULL)
		return ERR_TOKEN_MISSING;
	TRY(session_sign_out_everywhere(app, &call, bearer));
	return response_empty(rs, 204);
}

#include "fcgi/auth/handlers_session.h"

#include "fcgi/auth/auth_wire.h"
#include "fcgi/auth/session_flow.h"

enum err
handle_login(const struct app *app, struct request *rq, struct response *rs)
{
	struct credentials credentials;
	struct tokens tokens;

	TRY(wire_read_credentials(rq, &credentials));
	TRY(session_sign_in(app, rq, &credentials, &tokens));
	return wire_answer_tokens(rs, &tokens);
}

enum err
handle_refresh(const struct app *app, struct request *rq, struct response *rs)
{
	struct tokens tokens;
	const char *token;

	TRY(wire_read_refresh(rq, &token));
	TRY(session_refresh(app, rq, token, &tokens));
	return wire_answer_tokens(rs, &tokens);
}

enum err
handle_logout(const struct app *app, struct request *rq, struct response *rs)
{
	struct sign_out sign_out;

	TRY(wire_read_sign_out(rq, &sign_out));
	if (sign_out.all)
		TRY(session_sign_out_everywhere(app, rq));
	else
		TRY(session_sign_out(rq, sign_out.refresh_token));
	return response_empty(rs, 204);
}

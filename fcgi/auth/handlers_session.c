#include "fcgi/auth/handlers_session.h"

#include <inttypes.h>

#include "fcgi/auth/app.h"
#include "fcgi/auth/auth_wire.h"
#include "fcgi/auth/device_cookie.h"
#include "fcgi/auth/password_wire.h"
#include "fcgi/auth/session_flow.h"

/* 200, and what tells this device when it comes again. */
static enum err
answer_signed_in(const struct app *app, struct response *rs, const struct tokens *tokens)
{
	bool https = str_starts_with(app->settings->service.program.public_url, "https://");

	TRY(response_header(rs, "Set-Cookie",
	    DEVICE_COOKIE_NAME "=%s; Max-Age=%" PRId64 "; Path=/auth; HttpOnly; SameSite=Strict%s",
	    tokens->device_cookie, DEVICE_COOKIE_TTL_S, https ? "; Secure" : ""));
	return wire_answer_tokens(rs, tokens);
}

enum err
handle_login(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct credentials credentials;
	struct tokens tokens;

	TRY(wire_read_credentials(rq, &credentials));
	TRY(session_sign_in(app, &call, &credentials, &tokens));
	return answer_signed_in(app, rs, &tokens);
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

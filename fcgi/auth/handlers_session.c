#include "fcgi/auth/handlers_session.h"

#include <inttypes.h>

#include "fcgi/auth/account_flow.h"
#include "fcgi/auth/app.h"
#include "fcgi/auth/auth_wire.h"
#include "fcgi/auth/device_cookie.h"
#include "fcgi/auth/mfa_wire.h"
#include "fcgi/auth/password_wire.h"
#include "fcgi/auth/session_flow.h"
#include "fcgi/auth/session_store.h"
#include "shared/edge/page.h"

#define SESSIONS_SCOPE "sessions"

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
handle_mfa_login(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct mfa_answer answer;
	struct tokens tokens;

	TRY(wire_read_mfa_answer(rq, &answer));
	TRY(session_sign_in_by_code(app, &call, &answer, &tokens));
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

static void
put_session(struct json_writer *w, const struct listed_session *session, const struct id *current)
{
	json_object_open(w, NULL);
	json_put_text(w, "id", session->id.text);
	json_put_text(w, "user_agent", session->user_agent);
	json_put_text(w, "address", session->address);
	json_put_time(w, "created_at", session->created_at_ms);
	json_put_time(w, "last_used_at", session->last_used_at_ms);
	json_put_bool(w, "current", id_equal(&session->id, current));
	json_object_close(w);
}

enum err
handle_list_sessions(const struct app *app, struct request *rq, struct response *rs)
{
	const struct span secret = page_secret(&app->settings->pages);
	const struct call call = call_of(rq);
	struct listed_session *sessions;
	struct page_key last;
	struct json_writer w;
	struct query query;
	struct user user;
	struct page page;
	bool more;
	size_t count;

	TRY(query_begin(&query, rq));
	page_read(&query, secret, SESSIONS_SCOPE, &page);
	TRY(query_end(&query));
	TRY(account_of_principal(&call, rq->principal, &user));
	/* One more than is shown tells whether there are more. */
	TRY(session_store_list(&call, &user.id, page.has_after ? &page.after_id : NULL,
	    page.limit + 1, &sessions, &count));
	more = count > (size_t)page.limit;
	json_writer_init(&w, rs->buf);
	json_object_open(&w, NULL);
	json_array_open(&w, "data");
	for (size_t i = 0; i < count && i < (size_t)page.limit; i++) {
		put_session(&w, &sessions[i], &rq->principal->session_id);
		last = (struct page_key){.id = sessions[i].id};
	}
	return page_finish(&query, rs, &w, secret, SESSIONS_SCOPE, more ? &last : NULL);
}

enum err
handle_end_session(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct id id;

	(void)app;
	TRY(query_none(rq));
	TRY(request_id_param(rq, 0, &id));
	TRY(session_end_one(&call, rq->principal, &id));
	return response_empty(rs, 204);
}

#include "fcgi/auth/auth_wire.h"

#include "fcgi/auth/user_wire.h"
#include "shared/base/buf.h"
#include "shared/edge/jwt.h"

/* --- requests ----------------------------------------------------------------------------- */

enum err
wire_read_nothing(struct request *rq)
{
	struct json_object in;

	TRY(query_none(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	return json_end(&in);
}

void
wire_read_token(struct json_object *in, const char *name, const char **out)
{
	static const struct text_rule rule = {
	    .min = 1, .max = JWT_TOKEN_MAX_BYTES, .anything = true};

	json_read_text(in, name, JSON_REQUIRED, &rule, out, NULL);
}

/* A body of one text. */
static enum err
read_one_text(struct request *rq, const char *name, size_t max, const char **out)
{
	const struct text_rule rule = {.min = 1, .max = max, .anything = true};
	struct json_object in;

	TRY(query_none(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	json_read_text(&in, name, JSON_REQUIRED, &rule, out, NULL);
	return json_end(&in);
}

enum err
wire_read_refresh(struct request *rq, const char **token)
{
	return read_one_text(rq, "refresh_token", JWT_TOKEN_MAX_BYTES, token);
}

enum err
wire_read_link(struct request *rq, const char **token)
{
	return read_one_text(rq, "token", JWT_TOKEN_MAX_BYTES, token);
}

enum err
wire_read_validate(struct request *rq, const char **token)
{
	return read_one_text(rq, "token", JWT_TOKEN_MAX_BYTES, token);
}

enum err
wire_read_sign_out(struct request *rq, struct sign_out *out)
{
	static const struct text_rule rule = {
	    .min = 1, .max = JWT_TOKEN_MAX_BYTES, .anything = true};
	struct sign_out draft = {.all = false};
	struct json_object in;
	bool has_all;
	bool has_token;

	TRY(query_none(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	json_read_bool(&in, "all", JSON_OPTIONAL, &draft.all, &has_all);
	if (has_all && !draft.all)
		json_fault(&in, "all", FIELD_NOT_ALLOWED, "It can only be true.");
	json_read_text(&in, "refresh_token", has_all ? JSON_OPTIONAL : JSON_REQUIRED, &rule,
	    &draft.refresh_token, &has_token);
	if (has_all && has_token)
		json_fault(&in, "refresh_token", FIELD_NOT_ALLOWED, "Either this or all.");
	TRY(json_end(&in));
	*out = draft;
	return ERR_OK;
}

enum err
wire_read_since(struct request *rq, int64_t *since_ms)
{
	struct query query;

	TRY(query_begin(&query, rq));
	query_read_time(&query, "since", since_ms, NULL);
	return query_end(&query);
}

/* --- answers ------------------------------------------------------------------------------ */

enum err
wire_answer_tokens(struct response *rs, const struct tokens *tokens)
{
	struct json_writer w;

	json_writer_init(&w, rs->buf);
	json_object_open(&w, NULL);
	json_put_text(&w, "access_token", tokens->access_token);
	json_put_text(&w, "token_type", "Bearer");
	json_put_int(&w, "expires_in", tokens->expires_in_s);
	json_put_text(&w, "refresh_token", tokens->refresh_token);
	json_put_int(&w, "refresh_expires_in", tokens->refresh_expires_in_s);
	wire_put_user(&w, "user", &tokens->user);
	json_object_close(&w);
	return response_json(rs, 200);
}

enum err
wire_answer_claims(struct response *rs, const struct jwt_claims *claims)
{
	struct json_writer w;

	json_writer_init(&w, rs->buf);
	json_object_open(&w, NULL);
	json_put_bool(&w, "active", claims != NULL);
	if (claims != NULL) {
		json_put_text(&w, "sub", claims->subject.text);
		json_put_text(&w, "email", claims->email);
		wire_put_roles(&w, claims->roles);
		json_put_int(&w, "exp", claims->expires_at_s);
		json_put_int(&w, "iat", claims->issued_at_s);
		json_put_text(&w, "iss", claims->issuer);
		json_put_text(&w, "aud", claims->audience);
		json_put_text(&w, "sid", claims->session_id.text);
		json_put_text(&w, "jti", claims->token_id.text);
	}
	json_object_close(&w);
	return response_json(rs, 200);
}

enum err
wire_answer_ended(const struct request *rq, struct response *rs, const struct ended_sessions *ended)
{
	struct json_writer w;

	json_writer_init(&w, rs->buf);
	json_object_open(&w, NULL);
	json_array_open(&w, "sessions");
	for (size_t i = 0; i < ended->count; i++) {
		json_object_open(&w, NULL);
		json_put_text(&w, "sid", ended->sessions[i].id.text);
		json_put_time(&w, "at", ended->sessions[i].at_ms);
		json_object_close(&w);
	}
	json_array_close(&w);
	json_put_time(&w, "now", ended->now_ms);
	json_object_close(&w);
	return etag_answer_json(rq, rs);
}

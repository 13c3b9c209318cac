#include "fcgi/auth/auth_wire.h"

#include <openssl/sha.h>
#include <string.h>

#include "fcgi/auth/email_address.h"
#include "fcgi/auth/password.h"
#include "shared/base/buf.h"
#include "shared/edge/json.h"
#include "shared/edge/query.h"

#define TOKEN_CHARS_MAX 512

enum err
wire_no_query(struct request *rq)
{
	struct query query;

	if (rq->query[0] == '\0')
		return ERR_OK;
	TRY(query_begin(&query, rq));
	return query_end(&query);
}

/* --- requests ----------------------------------------------------------------------------- */

/* A language tag's shape (RFC 5646): letters and digits in groups of 8 at most, the first of 2 or 3
 * letters.  Whether there are templates for it is for the notifier to know. */
static bool
is_language_tag(const char *text)
{
	size_t first = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (first < 2 || first > 3)
		return false;
	for (text += first; *text == '-';) {
		size_t len = strspn(
		    ++text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

		if (len == 0 || len > 8)
			return false;
		text += len;
	}
	return *text == '\0';
}

static const struct text_rule email_rule = {
    .min = 1, .max = EMAIL_BYTES_MAX, .matches = email_address_valid, .form = "an email address"};
static const struct text_rule name_rule = {.min = 1, .max = 100};
static const struct text_rule locale_rule = {
    .min = 2, .max = 35, .matches = is_language_tag, .form = "a language tag, as en or pt-BR"};
/* A password is measured in its normal form, which may be shorter than what was sent. */
static const struct text_rule password_rule = {
    .min = 1, .max = (size_t)4 * PASSWORD_CHARS_MAX, .anything = true};

/* Reads `password`, in NFC; NULL with its fault. */
static enum err
read_password(struct json_object *in, const char **out)
{
	const char *given;
	bool present;

	*out = NULL;
	json_read_text(in, "password", JSON_REQUIRED, &password_rule, &given, &present);
	if (!present)
		return ERR_OK;
	return password_normalise(in->arena, given, out);
}

enum err
wire_read_registration(struct request *rq, struct registration *out)
{
	struct registration draft = {.email = ""};
	struct json_object in;
	enum field_code code;
	const char *detail;

	TRY(wire_no_query(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	json_read_text(&in, "email", JSON_REQUIRED, &email_rule, &draft.email, NULL);
	TRY(read_password(&in, &draft.password));
	if (draft.password != NULL && !password_allowed(draft.password, &code, &detail))
		json_fault(&in, "password", code, detail);
	json_read_text(&in, "name", JSON_REQUIRED, &name_rule, &draft.name, NULL);
	json_read_text(&in, "locale", JSON_OPTIONAL, &locale_rule, &draft.locale, NULL);
	TRY(json_end(&in));
	TRY(email_address_key(rq->arena, draft.email, &draft.email_key));
	*out = draft;
	return ERR_OK;
}

enum err
wire_read_credentials(struct request *rq, struct credentials *out)
{
	static const struct text_rule any_email = {
	    .min = 1, .max = EMAIL_BYTES_MAX, .anything = true};
	struct credentials draft;
	struct json_object in;
	const char *email = "";

	TRY(wire_no_query(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	json_read_text(&in, "email", JSON_REQUIRED, &any_email, &email, NULL);
	TRY(read_password(&in, &draft.password));
	if (draft.password != NULL && utf8_length(draft.password) > PASSWORD_CHARS_MAX)
		json_fault(
		    &in, "password", FIELD_TOO_LONG, "No password has more than 128 characters.");
	TRY(json_end(&in));
	TRY(email_address_key(rq->arena, email, &draft.email_key));
	*out = draft;
	return ERR_OK;
}

/* A body of one text. */
static enum err
read_one_text(struct request *rq, const char *name, size_t max, const char **out)
{
	const struct text_rule rule = {.min = 1, .max = max, .anything = true};
	struct json_object in;

	TRY(wire_no_query(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	json_read_text(&in, name, JSON_REQUIRED, &rule, out, NULL);
	return json_end(&in);
}

enum err
wire_read_refresh(struct request *rq, const char **token)
{
	return read_one_text(rq, "refresh_token", TOKEN_CHARS_MAX, token);
}

enum err
wire_read_validate(struct request *rq, const char **token)
{
	return read_one_text(rq, "token", JWT_TOKEN_MAX_BYTES, token);
}

enum err
wire_read_sign_out(struct request *rq, struct sign_out *out)
{
	static const struct text_rule rule = {.min = 1, .max = TOKEN_CHARS_MAX, .anything = true};
	struct sign_out draft = {.all = false};
	struct json_object in;
	bool has_all;
	bool has_token;

	TRY(wire_no_query(rq));
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

static void
put_roles(struct json_writer *w, unsigned roles)
{
	json_array_open(w, "roles");
	for (const struct jwt_role *role = jwt_roles; role->name != NULL; role++)
		if ((roles & role->role) != 0)
			json_put_text(w, NULL, role->name);
	json_array_close(w);
}

static void
put_user(struct json_writer *w, const char *key, const struct user *user)
{
	json_object_open(w, key);
	json_put_text(w, "id", user->id.text);
	json_put_text(w, "email", user->email);
	json_put_text(w, "name", user->name);
	put_roles(w, user->roles);
	json_put_bool(w, "email_verified", user->email_verified);
	json_put_time(w, "created_at", user->created_at_ms);
	json_put_time(w, "updated_at", user->updated_at_ms);
	json_object_close(w);
}

enum err
wire_answer_user(struct response *rs, int status, const struct user *user)
{
	struct json_writer w;

	json_writer_init(&w, rs->buf);
	put_user(&w, NULL, user);
	return response_json(rs, status);
}

/* Answers with what was written, under the tag of its bytes; or 304. */
static enum err
answer_tagged(const struct request *rq, struct response *rs)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	char etag[2 * 16 + 3] = "\"";
	bool not_modified;

	TRY(response_json(rs, 200));
	(void)SHA256((const unsigned char *)rs->body.data, rs->body.len, digest);
	hex_encode(digest, 16, etag + 1);
	etag[sizeof(etag) - 2] = '"';
	etag[sizeof(etag) - 1] = '\0';
	return response_etag(rs, rq, etag, &not_modified);
}

enum err
wire_answer_user_tagged(const struct request *rq, struct response *rs, const struct user *user)
{
	TRY(wire_answer_user(rs, 200, user));
	return answer_tagged(rq, rs);
}

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
	put_user(&w, "user", &tokens->user);
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
		put_roles(&w, claims->roles);
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
	return answer_tagged(rq, rs);
}

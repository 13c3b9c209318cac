#include "fcgi/auth/user_wire.h"

#include <string.h>

#include "fcgi/auth/email_address.h"
#include "fcgi/auth/password.h"
#include "fcgi/auth/password_wire.h"
#include "shared/base/buf.h"
#include "shared/edge/jwt.h"

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

static enum err
judge_by_owner(struct json_object *in, const struct registration *draft)
{
	bool tells;

	if (draft->password == NULL)
		return ERR_OK;
	TRY(password_tells_owner(in->arena, draft->password, draft->email, draft->name, &tells));
	if (tells)
		json_fault(in, "password", FIELD_PASSWORD_COMMON, PASSWORD_TELLS_OWNER);
	return ERR_OK;
}

enum err
wire_read_registration(struct request *rq, struct registration *out)
{
	struct registration draft = {.email = "", .name = ""};
	struct json_object in;

	TRY(query_none(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	json_read_text(&in, "email", JSON_REQUIRED, &email_rule, &draft.email, NULL);
	TRY(wire_read_new_password(&in, "password", &draft.password));
	json_read_text(&in, "name", JSON_REQUIRED, &name_rule, &draft.name, NULL);
	json_read_text(&in, "locale", JSON_OPTIONAL, &locale_rule, &draft.locale, NULL);
	TRY(judge_by_owner(&in, &draft));
	TRY(json_end(&in));
	TRY(email_address_key(rq->arena, draft.email, &draft.email_key));
	*out = draft;
	return ERR_OK;
}

enum err
wire_read_profile_patch(struct request *rq, struct profile_patch *out)
{
	struct profile_patch draft = {.name = NULL};
	struct json_object in;

	TRY(query_none(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	json_read_text(&in, "name", JSON_NOT_NULL, &name_rule, &draft.name, NULL);
	draft.has_locale = json_is_null(&in, "locale");
	if (!draft.has_locale)
		json_read_text(
		    &in, "locale", JSON_OPTIONAL, &locale_rule, &draft.locale, &draft.has_locale);
	TRY(json_end(&in));
	*out = draft;
	return ERR_OK;
}

/* --- answers ------------------------------------------------------------------------------ */

void
wire_put_roles(struct json_writer *w, unsigned roles)
{
	json_array_open(w, "roles");
	for (const struct jwt_role *role = jwt_roles; role->name != NULL; role++)
		if ((roles & role->role) != 0)
			json_put_text(w, NULL, role->name);
	json_array_close(w);
}

void
wire_put_user_members(struct json_writer *w, const struct user *user)
{
	json_put_text(w, "id", user->id.text);
	json_put_text(w, "email", user->email);
	json_put_text(w, "name", user->name);
	wire_put_roles(w, user->roles);
	json_put_bool(w, "email_verified", user->email_verified);
	json_put_time(w, "created_at", user->created_at_ms);
	json_put_time(w, "updated_at", user->updated_at_ms);
}

void
wire_put_user(struct json_writer *w, const char *key, const struct user *user)
{
	json_object_open(w, key);
	wire_put_user_members(w, user);
	json_object_close(w);
}

enum err
wire_answer_user(struct response *rs, int status, const struct user *user)
{
	struct json_writer w;

	json_writer_init(&w, rs->buf);
	wire_put_user(&w, NULL, user);
	return response_json(rs, status);
}

enum err
wire_user_etag(const struct user *user, char etag[ETAG_SIZE])
{
	auto_buf struct buf body;
	struct json_writer w;

	buf_init(&body, USER_BYTES_MAX);
	json_writer_init(&w, &body);
	wire_put_user(&w, NULL, user);
	TRY(buf_finish(&body));
	etag_of(span_of(body.data, body.len), etag);
	return ERR_OK;
}

enum err
wire_answer_user_tagged(const struct request *rq, struct response *rs, const struct user *user)
{
	TRY(wire_answer_user(rs, 200, user));
	return etag_answer_json(rq, rs);
}

#include "fcgi/auth/password_wire.h"

#include "fcgi/auth/auth_wire.h"
#include "fcgi/auth/email_address.h"
#include "fcgi/auth/password.h"
#include "shared/edge/query.h"

/* Reads the member NAME, in NFC; NULL with its fault. */
static enum err
read_password(struct json_object *in, const char *name, const char **out)
{
	/* It is measured in its normal form, which may be shorter than what was sent. */
	static const struct text_rule rule = {
	    .min = 1, .max = (size_t)4 * PASSWORD_CHARS_MAX, .anything = true};
	const char *given;
	bool present;

	*out = NULL;
	json_read_text(in, name, JSON_REQUIRED, &rule, &given, &present);
	if (!present)
		return ERR_OK;
	return password_normalise(in->arena, given, out);
}

enum err
wire_read_known_password(struct json_object *in, const char *name, const char **out)
{
	TRY(read_password(in, name, out));
	if (*out == NULL || utf8_length(*out) <= PASSWORD_CHARS_MAX)
		return ERR_OK;
	json_fault(in, name, FIELD_TOO_LONG, "No password has more than 128 characters.");
	*out = NULL;
	return ERR_OK;
}

enum err
wire_read_new_password(struct json_object *in, const char *name, const char **out)
{
	enum field_code code;
	const char *detail;
	bool allowed;

	TRY(read_password(in, name, out));
	if (*out == NULL)
		return ERR_OK;
	TRY(password_judge(in->arena, *out, &allowed, &code, &detail));
	if (allowed)
		return ERR_OK;
	json_fault(in, name, code, detail);
	*out = NULL;
	return ERR_OK;
}

/* Whatever was sent as an address: what is none has no account. */
static void
read_any_email(struct json_object *in, const char **out)
{
	static const struct text_rule rule = {.min = 1, .max = EMAIL_BYTES_MAX, .anything = true};

	json_read_text(in, "email", JSON_REQUIRED, &rule, out, NULL);
}

enum err
wire_read_credentials(struct request *rq, struct credentials *out)
{
	struct credentials draft;
	struct json_object in;
	const char *email = "";

	TRY(query_none(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	read_any_email(&in, &email);
	TRY(wire_read_known_password(&in, "password", &draft.password));
	TRY(json_end(&in));
	TRY(email_address_key(rq->arena, email, &draft.email_key));
	*out = draft;
	return ERR_OK;
}

enum err
wire_read_password_proof(struct request *rq, const char **password)
{
	struct json_object in;
	const char *read;

	TRY(query_none(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	TRY(wire_read_known_password(&in, "password", &read));
	TRY(json_end(&in));
	*password = read;
	return ERR_OK;
}

enum err
wire_read_password_change(struct request *rq, struct password_change *out)
{
	struct password_change draft;
	struct json_object in;

	TRY(query_none(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	TRY(wire_read_known_password(&in, "current_password", &draft.current_password));
	TRY(wire_read_new_password(&in, "new_password", &draft.new_password));
	TRY(json_end(&in));
	*out = draft;
	return ERR_OK;
}

enum err
wire_read_forgot(struct request *rq, const char **email_key)
{
	struct json_object in;
	const char *email = "";

	TRY(query_none(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	read_any_email(&in, &email);
	TRY(json_end(&in));
	return email_address_key(rq->arena, email, email_key);
}

enum err
wire_read_reset(struct request *rq, struct password_reset *out)
{
	struct password_reset draft;
	struct json_object in;

	TRY(query_none(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	wire_read_token(&in, "token", &draft.token);
	TRY(wire_read_new_password(&in, "new_password", &draft.new_password));
	TRY(json_end(&in));
	*out = draft;
	return ERR_OK;
}

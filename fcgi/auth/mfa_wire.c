#include "fcgi/auth/mfa_wire.h"

#include "fcgi/auth/auth_wire.h"
#include "fcgi/auth/password_wire.h"
#include "shared/edge/json.h"

#define CODE_CHARS_MAX 64

/* Apps show "123 456". */
static enum err
without_blanks(struct arena *arena, const char *given, const char **out)
{
	char *code = arena_strdup(arena, given);
	size_t len = 0;

	TRY_ALLOC(code);
	for (; *given != '\0'; given++)
		if (*given != ' ')
			code[len++] = *given;
	code[len] = '\0';
	*out = code;
	return ERR_OK;
}

static enum err
read_code(struct json_object *in, const char **out)
{
	static const struct text_rule rule = {.min = 1, .max = CODE_CHARS_MAX};
	const char *given;
	bool present;

	*out = "";
	json_read_text(in, "code", JSON_REQUIRED, &rule, &given, &present);
	return present ? without_blanks(in->arena, given, out) : ERR_OK;
}

enum err
wire_read_code(struct request *rq, const char **code)
{
	struct json_object in;
	const char *draft;

	TRY(query_none(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	TRY(read_code(&in, &draft));
	TRY(json_end(&in));
	*code = draft;
	return ERR_OK;
}

enum err
wire_read_mfa_removal(struct request *rq, const char **password, const char **code)
{
	struct json_object in;
	const char *draft_password;
	const char *draft_code;

	TRY(query_none(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	TRY(wire_read_known_password(&in, "password", &draft_password));
	TRY(read_code(&in, &draft_code));
	TRY(json_end(&in));
	*password = draft_password;
	*code = draft_code;
	return ERR_OK;
}

enum err
wire_read_mfa_answer(struct request *rq, struct mfa_answer *out)
{
	struct mfa_answer draft = {.mfa_token = ""};
	struct json_object in;

	TRY(query_none(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	wire_read_token(&in, "mfa_token", &draft.mfa_token);
	TRY(read_code(&in, &draft.code));
	TRY(json_end(&in));
	*out = draft;
	return ERR_OK;
}

enum err
wire_answer_totp(struct response *rs, const char *secret, const char *uri)
{
	struct json_writer w;

	json_writer_init(&w, rs->buf);
	json_object_open(&w, NULL);
	json_put_text(&w, "secret", secret);
	json_put_text(&w, "uri", uri);
	json_object_close(&w);
	return response_json(rs, 201);
}

enum err
wire_answer_recovery_codes(struct response *rs, const struct recovery_codes *codes)
{
	struct json_writer w;

	json_writer_init(&w, rs->buf);
	json_object_open(&w, NULL);
	json_array_open(&w, "recovery_codes");
	for (size_t i = 0; i < RECOVERY_CODES; i++)
		json_put_text(&w, NULL, codes->texts[i]);
	json_array_close(&w);
	json_object_close(&w);
	return response_json(rs, 200);
}

#include "fcgi/auth/admin_wire.h"

#include <string.h>

#include "fcgi/auth/user_wire.h"
#include "shared/edge/jwt.h"

#define Q_CHARS_MAX    200
#define ROLE_CHARS_MAX 40
#define ROLES_MAX      8

void
wire_read_search(struct query *query, const char **q)
{
	static const struct text_rule rule = {.min = 1, .max = Q_CHARS_MAX};

	*q = NULL;
	query_read_text(query, "q", &rule, q, NULL);
}

/* One of jwt_roles. */
static bool
is_role(const char *text)
{
	for (const struct jwt_role *role = jwt_roles; role->name != NULL; role++)
		if (str_equal(role->name, text))
			return true;
	return false;
}

static unsigned
role_of(const char *name)
{
	const struct jwt_role *role = jwt_roles;

	while (!str_equal(role->name, name))
		role++;
	return role->role;
}

enum err
wire_read_user_patch(struct request *rq, struct user_patch *out)
{
	static const struct text_rule rule = {.min = 1,
	    .max = ROLE_CHARS_MAX,
	    .matches = is_role,
	    .form = "customer or admin",
	    .choice = true};
	struct user_patch draft = {.has_roles = false};
	const char *const *names = NULL;
	struct json_object in;
	size_t count = 0;

	TRY(query_none(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	json_read_texts(
	    &in, "roles", JSON_NOT_NULL, ROLES_MAX, &rule, &names, &count, &draft.has_roles);
	if (draft.has_roles && count == 0)
		json_fault(&in, "roles", FIELD_TOO_SHORT, "An account has one role at least.");
	json_read_bool(&in, "disabled", JSON_NOT_NULL, &draft.disabled, &draft.has_disabled);
	TRY(json_end(&in));
	for (size_t i = 0; i < count; i++)
		draft.roles |= role_of(names[i]);
	*out = draft;
	return ERR_OK;
}

void
wire_put_user_for_admin(struct json_writer *w, const struct user *user)
{
	json_object_open(w, NULL);
	wire_put_user_members(w, user);
	json_put_bool(w, "disabled", user->disabled);
	json_object_close(w);
}

enum err
wire_answer_user_for_admin(const struct request *rq, struct response *rs, const struct user *user)
{
	struct json_writer w;

	json_writer_init(&w, rs->buf);
	wire_put_user_for_admin(&w, user);
	return etag_answer_json(rq, rs);
}

enum err
wire_user_for_admin_etag(const struct user *user, char etag[ETAG_SIZE])
{
	auto_buf struct buf body;
	struct json_writer w;

	buf_init(&body, USER_BYTES_MAX);
	json_writer_init(&w, &body);
	wire_put_user_for_admin(&w, user);
	TRY(buf_finish(&body));
	etag_of(span_of(body.data, body.len), etag);
	return ERR_OK;
}

void
wire_put_audit_event(struct json_writer *w, const struct audit_event *event)
{
	json_object_open(w, NULL);
	json_put_text(w, "id", event->id.text);
	json_put_time(w, "at", event->at_ms);
	json_put_text(w, "actor_id", event->actor_id);
	json_put_text(w, "user_id", event->user_id);
	json_put_text(w, "action", event->action);
	json_put_text(w, "address", event->address);
	json_put_text(w, "user_agent", event->user_agent);
	if (event->detail != NULL)
		json_put_raw(w, "detail", span_of(event->detail, strlen(event->detail)));
	else
		json_put_null(w, "detail");
	json_object_close(w);
}

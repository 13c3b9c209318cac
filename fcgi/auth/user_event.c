#include "fcgi/auth/user_event.h"

#include "shared/base/buf.h"
#include "shared/base/str.h"
#include "shared/edge/event.h"

#define EVENT_BYTES_MAX ((size_t)16 * 1024)

static void
put_user(struct json_writer *w, const char *type, const struct user *user)
{
	json_object_open(w, "user");
	json_put_text(w, "id", user->id.text);
	if (!str_equal(type, EVENT_USER_DELETED)) {
		json_put_text(w, "email", user->email);
		json_put_text(w, "name", user->name);
		json_put_text(w, "locale", user->locale);
	}
	json_object_close(w);
}

static void
put_detail(struct json_writer *w, int64_t now_ms, const struct user_event_detail *detail)
{
	if (detail->token_name != NULL)
		json_put_text(w, detail->token_name, detail->token);
	if (detail->client != NULL) {
		json_put_time(w, "at", now_ms);
		json_put_text(w, "address", detail->client->address);
		json_put_text(w, "user_agent", detail->client->user_agent);
	}
	if (detail->reason != NULL)
		json_put_text(w, "reason", detail->reason);
}

enum err
user_event_make(const struct call *call, const char *type, const struct user *user,
    const struct user_event_detail *detail, struct user_event *out)
{
	struct event_head head = {
	    .type = type,
	    .source = "/auth",
	    .subject = user->id.text,
	    .time_ms = call->now_ms,
	    .traceparent = call->traceparent,
	};
	auto_buf struct buf body;
	struct json_writer w;
	const char *text;

	id_new(call->now_ms, &head.id);
	buf_init(&body, EVENT_BYTES_MAX);
	event_open(&w, &body, &head);
	put_user(&w, type, user);
	if (detail != NULL)
		put_detail(&w, call->now_ms, detail);
	event_close(&w);
	TRY(buf_finish(&body));
	text = arena_memdup(call->arena, body.data, body.len);
	/* It may hold a token. */
	bytes_wipe(body.data, body.len);
	TRY_ALLOC(text);
	*out = (struct user_event){
	    .id = head.id, .type = type, .traceparent = call->traceparent, .body = text};
	return ERR_OK;
}

#include "fcgi/auth/user_event.h"

#include "shared/base/buf.h"
#include "shared/edge/event.h"

#define EVENT_BYTES_MAX ((size_t)16 * 1024)

enum err
user_event_registered(struct arena *arena, const char *traceparent, int64_t now_ms,
    const char *verification_token, struct new_user *new_user)
{
	struct event_head head = {
	    .type = EVENT_USER_REGISTERED,
	    .source = "/auth",
	    .subject = new_user->id.text,
	    .time_ms = now_ms,
	    .traceparent = traceparent,
	};
	auto_buf struct buf body;
	struct json_writer w;
	char *text;

	id_new(now_ms, &head.id);
	buf_init(&body, EVENT_BYTES_MAX);
	event_open(&w, &body, &head);
	json_object_open(&w, "user");
	json_put_text(&w, "id", new_user->id.text);
	json_put_text(&w, "email", new_user->email);
	json_put_text(&w, "name", new_user->name);
	json_put_text(&w, "locale", new_user->locale);
	json_object_close(&w);
	json_put_text(&w, "verification_token", verification_token);
	event_close(&w);
	TRY(buf_finish(&body));
	TRY_ALLOC(text = arena_memdup(arena, body.data, body.len));
	bytes_wipe(body.data, body.len);
	new_user->event.id = head.id;
	new_user->event.type = head.type;
	new_user->event.traceparent = traceparent;
	new_user->event.body = span_of(text, body.len);
	return ERR_OK;
}

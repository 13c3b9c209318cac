#include "shared/edge/event.h"

#include "shared/base/clock.h"

void
event_open(struct json_writer *w, struct buf *buf, const struct event_head *head)
{
	json_writer_init(w, buf);
	json_object_open(w, NULL);
	json_put_text(w, "specversion", "1.0");
	json_put_text(w, "id", head->id.text);
	json_put_text(w, "source", head->source);
	json_put_text(w, "type", head->type);
	if (head->subject != NULL)
		json_put_text(w, "subject", head->subject);
	json_put_time(w, "time", head->time_ms);
	json_put_text(w, "datacontenttype", "application/json");
	if (head->traceparent != NULL)
		json_put_text(w, "traceparent", head->traceparent);
	json_object_open(w, "data");
}

void
event_close(struct json_writer *w)
{
	json_object_close(w);
	json_object_close(w);
}

enum err
event_parse(struct arena *arena, struct span body, struct event *out)
{
	const struct cJSON *root;
	struct event event = {0};
	const char *version, *id, *time;

	TRY(json_parse(arena, body, NULL, &root));
	version = json_get_text(root, "specversion");
	id = json_get_text(root, "id");
	time = json_get_text(root, "time");
	event.head.type = json_get_text(root, "type");
	event.head.source = json_get_text(root, "source");
	event.head.subject = json_get_text(root, "subject");
	event.head.traceparent = json_get_text(root, "traceparent");
	event.data = json_get_object(root, "data");
	if (version == NULL || !str_starts_with(version, "1.") || id == NULL ||
	    event.head.type == NULL || event.head.source == NULL || event.data == NULL)
		return ERR_MALFORMED;
	TRY(id_parse(id, &event.head.id));
	if (time != NULL)
		TRY(time_parse(time, &event.head.time_ms));
	*out = event;
	return ERR_OK;
}

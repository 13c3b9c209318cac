#include "fcgi/items/pending_event.h"

struct event_head
pending_event_head(const struct call *call, const char *type, const struct id *subject)
{
	struct event_head head = {
	    .type = type,
	    .source = "/items",
	    .subject = subject->text,
	    .time_ms = call->now_ms,
	    .traceparent = call->traceparent,
	};

	id_new(call->now_ms, &head.id);
	return head;
}

enum err
pending_event_of(const struct event_head *head, const struct buf *buf, struct pending_event *out)
{
	TRY(buf_finish(buf));
	*out = (struct pending_event){
	    .id = head->id,
	    .type = head->type,
	    .at_ms = head->time_ms,
	    .traceparent = head->traceparent,
	    .body = span_of(buf->data, buf->len),
	};
	return ERR_OK;
}

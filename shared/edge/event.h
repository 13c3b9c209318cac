/*
 * edge/event: CloudEvents 1.0 in JSON (structured mode), as they go to the broker and to webhooks.
 *
 * Layer: edge.
 */
#ifndef SHARED_EDGE_EVENT_H
#define SHARED_EDGE_EVENT_H

#include "shared/base/buf.h"
#include "shared/base/id.h"
#include "shared/edge/json.h"

struct event_head {
	struct id id;
	const char *type;    /* "order.created": also the routing key */
	const char *source;  /* "/auth" or "/items" */
	const char *subject; /* the id of what it is about */
	int64_t time_ms;
	const char *traceparent; /* or NULL */
};

/* Writes the envelope up to an open "data" object; the caller puts its members and closes it. */
void event_open(struct json_writer *w, struct buf *buf, const struct event_head *head);
void event_close(struct json_writer *w);

struct event { /* as received; borrows from the parsed tree */
	struct event_head head;
	const struct cJSON *data;
};

/* ERR_MALFORMED: not JSON, a required attribute missing, specversion of another major. */
MUST_USE enum err event_parse(struct arena *arena, struct span body, struct event *out);

#endif

#include "notifier/webhook.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/macros.h"
#include "shared/base/str.h"
#include "shared/infra/webhook_signature.h"

bool
webhook_event_known(const char *name)
{
	static const char *const names[] = {"item.created", "item.updated", "item.deleted",
	    "item.low_stock", "order.created", "order.cancelled", "order.shipped",
	    "order.delivered", "order.refunded"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (str_equal(names[i], name))
			return true;
	return false;
}

static void
write_events(struct json_writer *w, const char *events)
{
	json_array_open(w, "events");
	while (*events != '\0') {
		size_t len = strcspn(events, ",");
		char name[WEBHOOK_EVENT_NAME_MAX + 1];

		(void)snprintf(name, sizeof(name), "%.*s", (int)len, events);
		json_put_text(w, NULL, name);
		events += len + (events[len] != '\0');
	}
	json_array_close(w);
}

void
webhook_write(
    struct json_writer *w, const char *key, const struct webhook *webhook, const char *secret)
{
	json_object_open(w, key);
	json_put_text(w, "id", webhook->id.text);
	json_put_text(w, "url", webhook->url);
	write_events(w, webhook->events);
	json_put_text(w, "status", webhook->active ? "active" : "disabled");
	json_put_text(w, "disabled_reason", webhook->disabled_reason);
	json_put_time(w, "created_at", webhook->created_at_ms);
	json_put_time(w, "updated_at", webhook->updated_at_ms);
	if (secret != NULL)
		json_put_text(w, "secret", secret);
	json_object_close(w);
}

void
webhook_write_disabled(
    struct buf *buf, const struct event_head *head, const struct webhook *webhook)
{
	struct json_writer w;

	event_open(&w, buf, head);
	webhook_write(&w, "webhook", webhook, NULL);
	json_put_text(&w, "owner_id", webhook->owner_id.text);
	event_close(&w);
}

void
webhook_write_ping(struct buf *buf, const struct event_head *head, const struct webhook *webhook)
{
	struct json_writer w;

	event_open(&w, buf, head);
	webhook_write(&w, "webhook", webhook, NULL);
	event_close(&w);
}

char *
webhook_secret_new(struct arena *arena)
{
	unsigned char bytes[WEBHOOK_SECRET_BYTES];
	char *text;

	random_bytes(bytes, sizeof(bytes));
	text = base64_encode(arena, bytes, sizeof(bytes));
	bytes_wipe(bytes, sizeof(bytes));
	return text == NULL ? NULL : arena_printf(arena, WEBHOOK_SECRET_PREFIX "%s", text);
}

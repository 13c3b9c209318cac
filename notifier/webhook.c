#include "notifier/webhook.h"

#include "shared/base/str.h"
#include "shared/infra/webhook_signature.h"

const char *const webhook_event_names[] = {"item.created", "item.updated", "item.deleted",
    "item.low_stock", "order.created", "order.cancelled", "order.shipped", "order.delivered",
    "order.refunded", NULL};

bool
webhook_event_find(const char *name, unsigned *bit)
{
	for (size_t i = 0; webhook_event_names[i] != NULL; i++)
		if (str_equal(webhook_event_names[i], name)) {
			*bit = 1u << i;
			return true;
		}
	return false;
}

void
webhook_write(
    struct json_writer *w, const char *key, const struct webhook *webhook, const char *secret)
{
	json_object_open(w, key);
	json_put_text(w, "id", webhook->id.text);
	json_put_text(w, "url", webhook->url);
	json_array_open(w, "events");
	for (size_t i = 0; webhook_event_names[i] != NULL; i++)
		if ((webhook->events & 1u << i) != 0)
			json_put_text(w, NULL, webhook_event_names[i]);
	json_array_close(w);
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

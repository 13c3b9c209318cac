#include "notifier/webhook_message.h"

#include <string.h>

#include "shared/infra/webhook_signature.h"

#define SIGNATURES_MAX_BYTES 256

static enum err
sign(const struct delivery *delivery, int64_t timestamp_s, struct buf *out)
{
	const struct span body = span_of(delivery->data, strlen(delivery->data));

	TRY(webhook_sign(delivery->secret, delivery->event_id.text, timestamp_s, body, out));
	if (delivery->previous_secret == NULL)
		return ERR_OK;
	return webhook_sign(
	    delivery->previous_secret, delivery->event_id.text, timestamp_s, body, out);
}

enum err
webhook_message_make(
    const struct delivery *delivery, int64_t now_ms, struct trace *trace, struct http_post *out)
{
	struct arena *arena = delivery->arena;
	int64_t timestamp_s = now_ms / 1000;
	auto_buf struct buf signatures;

	buf_init(&signatures, SIGNATURES_MAX_BYTES);
	TRY(sign(delivery, timestamp_s, &signatures));
	trace_continue(delivery->traceparent, trace);
	*out = (struct http_post){
	    .url = delivery->url,
	    .headers =
		{
		    "Content-Type: application/cloudevents+json; charset=utf-8",
		    arena_printf(arena, "webhook-id: %s", delivery->event_id.text),
		    arena_printf(arena, "webhook-timestamp: %lld", (long long)timestamp_s),
		    arena_printf(arena, "webhook-signature: %s", signatures.data),
		    arena_printf(arena, "traceparent: %s", trace->traceparent),
		},
	    .body = span_of(delivery->data, strlen(delivery->data)),
	};
	return arena_overflowed(arena) ? ERR_MEMORY : ERR_OK;
}

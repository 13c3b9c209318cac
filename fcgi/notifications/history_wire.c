#include "fcgi/notifications/history_wire.h"

static void
write_delivery_attempt(struct json_writer *w, const struct delivery_attempt *attempt)
{
	json_object_open(w, NULL);
	json_put_time(w, "at", attempt->at_ms);
	if (attempt->has_status_code)
		json_put_int(w, "status_code", attempt->status_code);
	else
		json_put_null(w, "status_code");
	json_put_int(w, "duration_ms", attempt->duration_ms);
	json_put_text(w, "response", attempt->response);
	json_put_text(w, "error", attempt->error);
	json_object_close(w);
}

void
delivery_write(struct json_writer *w, const struct delivery *delivery)
{
	static const char *const states[] = {[DELIVERY_QUEUED] = "pending",
	    [DELIVERY_SENT] = "delivered",
	    [DELIVERY_FAILED] = "failed"};

	json_object_open(w, NULL);
	json_put_text(w, "id", delivery->id.text);
	json_put_text(w, "event_id", delivery->event_id.text);
	json_put_text(w, "event_type", delivery->event_type);
	json_put_text(w, "status", states[delivery->state]);
	json_array_open(w, "attempts");
	for (size_t i = 0; i < delivery->attempt_count; i++)
		write_delivery_attempt(w, &delivery->attempts[i]);
	json_array_close(w);
	if (delivery->state == DELIVERY_QUEUED)
		json_put_time(w, "next_attempt_at", delivery->due_at_ms);
	else
		json_put_null(w, "next_attempt_at");
	json_object_close(w);
}

void
notification_write(struct json_writer *w, const struct delivery *delivery)
{
	static const char *const states[] = {
	    [DELIVERY_QUEUED] = "queued", [DELIVERY_SENT] = "sent", [DELIVERY_FAILED] = "failed"};

	json_object_open(w, NULL);
	json_put_text(w, "id", delivery->id.text);
	json_put_text(w, "event_id", delivery->event_id.text);
	json_put_text(w, "type", delivery->event_type);
	json_put_text(w, "channel", delivery->channel);
	json_put_text(w, "template", delivery->template);
	json_put_text(w, "recipient", delivery->recipient.text);
	json_put_text(w, "status", states[delivery->state]);
	json_array_open(w, "attempts");
	for (size_t i = 0; i < delivery->attempt_count; i++) {
		json_object_open(w, NULL);
		json_put_time(w, "at", delivery->attempts[i].at_ms);
		json_put_text(w, "result", delivery->attempts[i].result);
		json_object_close(w);
	}
	json_array_close(w);
	json_put_time(w, "created_at", delivery->created_at_ms);
	json_object_close(w);
}

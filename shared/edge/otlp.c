#include "shared/edge/otlp.h"

#include <inttypes.h>
#include <stdio.h>

#include "shared/edge/json.h"

#define STATUS_ERROR 2

/* 64 bits are a text in Protocol Buffers' JSON. */
static void
put_int64(struct json_writer *w, const char *key, int64_t number)
{
	char text[sizeof("-9223372036854775808")];

	(void)snprintf(text, sizeof(text), "%" PRId64, number);
	json_put_text(w, key, text);
}

static void
put_text_attribute(struct json_writer *w, const char *key, const char *text)
{
	json_object_open(w, NULL);
	json_put_text(w, "key", key);
	json_object_open(w, "value");
	json_put_text(w, "stringValue", text);
	json_object_close(w);
	json_object_close(w);
}

static void
put_attribute(struct json_writer *w, const struct tracing_kept *attribute)
{
	if (attribute->is_text) {
		put_text_attribute(w, attribute->key, attribute->text);
		return;
	}
	json_object_open(w, NULL);
	json_put_text(w, "key", attribute->key);
	json_object_open(w, "value");
	put_int64(w, "intValue", attribute->number);
	json_object_close(w);
	json_object_close(w);
}

static void
put_record(struct json_writer *w, const struct tracing_record *record)
{
	json_object_open(w, NULL);
	json_put_text(w, "traceId", record->trace_id);
	json_put_text(w, "spanId", record->span_id);
	if (record->parent_id[0] != '\0')
		json_put_text(w, "parentSpanId", record->parent_id);
	json_put_text(w, "name", record->name);
	json_put_int(w, "kind", record->kind);
	put_int64(w, "startTimeUnixNano", record->start_ns);
	put_int64(w, "endTimeUnixNano", record->end_ns);
	json_array_open(w, "attributes");
	for (size_t i = 0; i < record->count; i++)
		put_attribute(w, &record->attributes[i]);
	if (record->error[0] != '\0')
		put_text_attribute(w, "error.type", record->error);
	json_array_close(w);
	if (record->error[0] != '\0') {
		json_object_open(w, "status");
		json_put_int(w, "code", STATUS_ERROR);
		json_object_close(w);
	}
	json_object_close(w);
}

void
otlp_write(const char *service, const char *version, const struct tracing_record *records,
    size_t count, struct buf *out)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_array_open(&w, "resourceSpans");
	json_object_open(&w, NULL);
	json_object_open(&w, "resource");
	json_array_open(&w, "attributes");
	put_text_attribute(&w, "service.namespace", "shop");
	put_text_attribute(&w, "service.name", service);
	put_text_attribute(&w, "service.version", version);
	json_array_close(&w);
	json_object_close(&w);
	json_array_open(&w, "scopeSpans");
	json_object_open(&w, NULL);
	json_object_open(&w, "scope");
	json_put_text(&w, "name", "shop");
	json_object_close(&w);
	json_array_open(&w, "spans");
	for (size_t i = 0; i < count; i++)
		put_record(&w, &records[i]);
	json_array_close(&w);
	json_object_close(&w);
	json_array_close(&w);
	json_object_close(&w);
	json_array_close(&w);
	json_object_close(&w);
}

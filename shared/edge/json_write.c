#include "shared/edge/json_write.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

#include "shared/base/clock.h"
#include "shared/edge/json_parse.h"

void
json_writer_init(struct json_writer *w, struct buf *buf)
{
	*w = (struct json_writer){.buf = buf};
}

/* A control character, '"' or '\\'. */
static void
put_escaped(struct buf *buf, char c)
{
	switch (c) {
	case '"':
		buf_puts(buf, "\\\"");
		break;
	case '\\':
		buf_puts(buf, "\\\\");
		break;
	case '\n':
		buf_puts(buf, "\\n");
		break;
	case '\r':
		buf_puts(buf, "\\r");
		break;
	case '\t':
		buf_puts(buf, "\\t");
		break;
	default:
		buf_printf(buf, "\\u%04x", (unsigned)(unsigned char)c);
	}
}

/* RFC 8259 §7.  What is no UTF-8 becomes U+FFFD, so that an answer is always valid. */
static void
put_string(struct buf *buf, const char *text)
{
	const char *end = text + strlen(text);
	const char *run = text; /* what needs no escape is put at once */

	buf_putc(buf, '"');
	while (text < end) {
		size_t step = utf8_sequence(text, (size_t)(end - text));

		if (step > 0 && (unsigned char)*text >= 0x20 && *text != '"' && *text != '\\') {
			text += step;
			continue;
		}
		buf_put(buf, run, (size_t)(text - run));
		if (step == 0)
			buf_puts(buf, "\xEF\xBF\xBD");
		else
			put_escaped(buf, *text);
		run = ++text;
	}
	buf_put(buf, run, (size_t)(text - run));
	buf_putc(buf, '"');
}

/* What stands before a value. */
static void
begin_value(struct json_writer *w, const char *key)
{
	if (w->comma)
		buf_putc(w->buf, ',');
	if (key != NULL) {
		put_string(w->buf, key);
		buf_putc(w->buf, ':');
	}
	w->comma = true;
}

static void
open_with(struct json_writer *w, const char *key, char bracket)
{
	begin_value(w, key);
	buf_putc(w->buf, bracket);
	w->comma = false;
}

static void
close_with(struct json_writer *w, char bracket)
{
	buf_putc(w->buf, bracket);
	w->comma = true;
}

void
json_object_open(struct json_writer *w, const char *key)
{
	open_with(w, key, '{');
}

void
json_object_close(struct json_writer *w)
{
	close_with(w, '}');
}

void
json_array_open(struct json_writer *w, const char *key)
{
	open_with(w, key, '[');
}

void
json_array_close(struct json_writer *w)
{
	close_with(w, ']');
}

void
json_put_text(struct json_writer *w, const char *key, const char *text)
{
	begin_value(w, key);
	if (text == NULL)
		buf_puts(w->buf, "null");
	else
		put_string(w->buf, text);
}

void
json_put_int(struct json_writer *w, const char *key, int64_t number)
{
	begin_value(w, key);
	buf_printf(w->buf, "%" PRId64, number);
}

void
json_put_bool(struct json_writer *w, const char *key, bool value)
{
	begin_value(w, key);
	buf_puts(w->buf, value ? "true" : "false");
}

void
json_put_null(struct json_writer *w, const char *key)
{
	json_put_text(w, key, NULL);
}

void
json_put_money(struct json_writer *w, const char *key, const struct money *money)
{
	json_object_open(w, key);
	json_put_int(w, "amount", money->amount_minor);
	json_put_text(w, "currency", money->currency);
	json_object_close(w);
}

void
json_put_time(struct json_writer *w, const char *key, int64_t unix_ms)
{
	char text[TIME_TEXT_SIZE];

	time_format(unix_ms, text);
	json_put_text(w, key, text);
}

void
json_put_raw(struct json_writer *w, const char *key, struct span json)
{
	begin_value(w, key);
	buf_put(w->buf, json.data, json.len);
}

static void
put_number(struct json_writer *w, const char *key, const cJSON *value)
{
	int64_t whole;

	if (json_number_int(value, &whole) == JSON_NUMBER_OK) {
		json_put_int(w, key, whole);
		return;
	}
	begin_value(w, key);
	buf_printf(w->buf, "%.17g", value->valuedouble);
}

/* The parser has bounded how deep it is. */
void
json_put_value(struct json_writer *w, const char *key, const struct cJSON *value)
{
	if (cJSON_IsString(value)) {
		json_put_text(w, key, value->valuestring);
	} else if (cJSON_IsNumber(value)) {
		put_number(w, key, value);
	} else if (cJSON_IsBool(value)) {
		json_put_bool(w, key, cJSON_IsTrue(value));
	} else if (cJSON_IsNull(value)) {
		json_put_null(w, key);
	} else if (cJSON_IsArray(value) || cJSON_IsObject(value)) {
		bool is_array = cJSON_IsArray(value);

		open_with(w, key, is_array ? '[' : '{');
		for (const cJSON *at = value->child; at != NULL; at = at->next)
			json_put_value(w, is_array ? NULL : at->string, at);
		close_with(w, is_array ? ']' : '}');
	}
}

#include "shared/base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/clock.h"
#include "shared/base/str.h"

const char *const log_level_names[] = {"debug", "info", "warn", "error", NULL};

/* Set once, before threads start. */
static struct {
	const char *service;
	enum log_level least;
	int fd;
} sink = {.service = "shop", .least = LOG_INFO, .fd = STDOUT_FILENO};

static _Thread_local struct {
	const char *request_id;
	const char *trace_id;
	const char *route;
} context;

/* PIPE_BUF: up to this a pipe takes a write whole, so that lines of processes don't mix either. */
#define LINE_BYTES     4096
#define TEXT_BYTES_MAX 1024 /* of one value as written; a longer one ends in an ellipsis */
#define ELLIPSIS       "\xE2\x80\xA6"
#define LINE_END       ",\"truncated\":true}\n"

struct line {
	char bytes[LINE_BYTES];
	size_t len;
	size_t limit; /* what is beyond is kept for the line's end */
	bool full;
};

void
log_init(const char *service, enum log_level least, int fd)
{
	sink.service = service;
	sink.least = least;
	sink.fd = fd;
}

bool
log_enabled(enum log_level level)
{
	return level >= sink.least;
}

void
log_context_set(const char *request_id, const char *trace_id, const char *route)
{
	context.request_id = request_id;
	context.trace_id = trace_id;
	context.route = route;
}

void
log_context_clear(void)
{
	log_context_set(NULL, NULL, NULL);
}

static void
put(struct line *line, const char *bytes, size_t len)
{
	if (line->full || len > line->limit - line->len) {
		line->full = true;
		return;
	}
	memcpy(line->bytes + line->len, bytes, len);
	line->len += len;
}

static void
puts_raw(struct line *line, const char *text)
{
	put(line, text, strlen(text));
}

/*
 * What stands in a JSON string for the character that AT (of LEFT bytes, not none) begins with;
 * *TAKEN bytes of it.  BRIEF holds an escape.
 */
static struct span
escape(const char *at, size_t left, char brief[8], size_t *taken)
{
	unsigned char c = (unsigned char)*at;
	size_t step = utf8_sequence(at, left);

	*taken = step > 0 ? step : 1;
	if (step == 0)
		return span_of("\xEF\xBF\xBD", 3);
	if (c == '"' || c == '\\') {
		brief[0] = '\\';
		brief[1] = *at;
		return span_of(brief, 2);
	}
	/* C1 and DEL as well: a terminal that shows the log would obey them. */
	if (c == 0xC2 && (unsigned char)at[1] < 0xA0)
		c = (unsigned char)at[1];
	else if (c >= 0x20 && c != 0x7F)
		return span_of(at, step);
	if (c == '\n')
		return span_of("\\n", 2);
	memcpy(brief, "\\u00", 4);
	hex_encode(&c, 1, brief + 4);
	return span_of(brief, 6);
}

/* How many of LEFT bytes stand in a JSON string as they are, up to the first that may not. */
static size_t
plain_run(const char *at, size_t left)
{
	size_t run = 0;

	while (run < left && at[run] >= ' ' && at[run] <= '~' && at[run] != '"' && at[run] != '\\')
		run++;
	return run;
}

/* TEXT as a JSON string of at most TEXT_BYTES_MAX bytes. */
static void
put_string(struct line *line, const char *text)
{
	size_t end = line->limit;
	size_t left = strlen(text);

	if (end - line->len > TEXT_BYTES_MAX)
		end = line->len + TEXT_BYTES_MAX;
	if (line->full || end - line->len < 2 + strlen(ELLIPSIS)) {
		line->full = true;
		return;
	}
	end -= 1 + strlen(ELLIPSIS);
	puts_raw(line, "\"");
	while (left > 0) {
		char brief[8];
		size_t room = end - line->len;
		size_t taken = plain_run(text, left < room ? left : room);
		struct span piece = span_of(text, taken);

		if (taken == 0)
			piece = escape(text, left, brief, &taken);
		if (piece.len > room) {
			puts_raw(line, ELLIPSIS);
			break;
		}
		put(line, piece.data, piece.len);
		text += taken;
		left -= taken;
	}
	puts_raw(line, "\"");
}

static void
put_value(struct line *line, const struct log_field *field)
{
	char number[24];

	switch (field->type) {
	case LOG_FIELD_TEXT:
		if (field->text == NULL)
			puts_raw(line, "null");
		else
			put_string(line, field->text);
		break;
	case LOG_FIELD_INT:
		(void)snprintf(number, sizeof(number), "%" PRId64, field->number);
		puts_raw(line, number);
		break;
	case LOG_FIELD_BOOL:
		puts_raw(line, field->number != 0 ? "true" : "false");
		break;
	}
}

/* A member, or nothing of it when the line is full. */
static void
put_member(struct line *line, const struct log_field *field)
{
	size_t before = line->len;

	puts_raw(line, before == 0 ? "{" : ",");
	put_string(line, field->key);
	puts_raw(line, ":");
	put_value(line, field);
	if (line->full)
		line->len = before;
}

static void
put_context(struct line *line, const char *key, const char *value)
{
	if (value != NULL)
		put_member(line, &LOG_TEXT(key, value));
}

static void
finish(struct line *line)
{
	const char *end = line->full ? LINE_END : "}\n";

	memcpy(line->bytes + line->len, end, strlen(end));
	line->len += strlen(end);
}

void
log_write(enum log_level level, const char *msg, const struct log_field *fields, size_t count)
{
	struct line line;
	char now[TIME_TEXT_SIZE];
	int saved_errno = errno;

	if (!log_enabled(level))
		return;
	line.len = 0;
	line.limit = sizeof(line.bytes) - strlen(LINE_END);
	line.full = false;
	time_format(clock_now_ms(&clock_system), now);
	put_member(&line, &LOG_TEXT("time", now));
	put_member(&line, &LOG_TEXT("level", log_level_names[level]));
	put_member(&line, &LOG_TEXT("msg", msg));
	put_member(&line, &LOG_TEXT("service", sink.service));
	put_context(&line, "request_id", context.request_id);
	put_context(&line, "trace_id", context.trace_id);
	put_context(&line, "route", context.route);
	for (size_t i = 0; i < count && !line.full; i++)
		put_member(&line, &fields[i]);
	finish(&line);
	/* A log that can't be written must not stop the shop: anything but EINTR drops the line. */
	while (write(sink.fd, line.bytes, line.len) < 0 && errno == EINTR)
		continue;
	errno = saved_errno;
}

#include "shared/base/trace.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/id.h"
#include "shared/base/str.h"

/* "00-" trace-id "-" parent-id "-" flags */
#define TRACE_ID_AT  3
#define PARENT_ID_AT 36
#define FLAGS_AT     53
#define LENGTH_00    55

static bool
is_hex(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
			return false;
	return true;
}

static bool
is_zeros(const char *text, size_t len)
{
	return strspn(text, "0") >= len;
}

/* A later version may append fields after a dash; version ff is none. */
static bool
is_valid(const char *text)
{
	size_t len = strlen(text);

	if (len < LENGTH_00 || text[2] != '-' || text[PARENT_ID_AT - 1] != '-' ||
	    text[FLAGS_AT - 1] != '-')
		return false;
	if (!is_hex(text, 2) || strncmp(text, "ff", 2) == 0)
		return false;
	if (len > LENGTH_00 && (strncmp(text, "00", 2) == 0 || text[LENGTH_00] != '-'))
		return false;
	return is_hex(text + TRACE_ID_AT, 32) && !is_zeros(text + TRACE_ID_AT, 32) &&
	    is_hex(text + PARENT_ID_AT, 16) && !is_zeros(text + PARENT_ID_AT, 16) &&
	    is_hex(text + FLAGS_AT, 2);
}

/* LEN random bytes as hexadecimal, never all zero: that would be no id. */
static void
random_hex(char *out, size_t len)
{
	unsigned char bytes[16];

	random_bytes(bytes, len);
	bytes[len - 1] |= 1;
	hex_encode(bytes, len, out);
}

const char *
trace_id_of(const char *traceparent, char out[TRACE_ID_SIZE])
{
	if (traceparent == NULL || !is_valid(traceparent))
		return NULL;
	memcpy(out, traceparent + TRACE_ID_AT, TRACE_ID_SIZE - 1);
	out[TRACE_ID_SIZE - 1] = '\0';
	return out;
}

void
trace_span_id(const struct trace *trace, char out[SPAN_ID_SIZE])
{
	memcpy(out, trace->traceparent + PARENT_ID_AT, SPAN_ID_SIZE - 1);
	out[SPAN_ID_SIZE - 1] = '\0';
}

void
trace_continue(const char *incoming, struct trace *out)
{
	char span_id[SPAN_ID_SIZE];

	out->sampled = true;
	out->parent_id[0] = '\0';
	if (trace_id_of(incoming, out->trace_id) != NULL) {
		memcpy(out->parent_id, incoming + PARENT_ID_AT, SPAN_ID_SIZE - 1);
		out->parent_id[SPAN_ID_SIZE - 1] = '\0';
		/* Of the flags only `sampled` is known; the others are sent as zero. */
		out->sampled = strchr("13579bdf", incoming[FLAGS_AT + 1]) != NULL;
	} else {
		random_hex(out->trace_id, 16);
	}
	random_hex(span_id, 8);
	(void)snprintf(out->traceparent, sizeof(out->traceparent), "00-%s-%s-%s", out->trace_id,
	    span_id, out->sampled ? "01" : "00");
}

#include "shared/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/check.h"

#define FIRST_BYTES 256

void
buf_init(struct buf *buf, size_t max_bytes)
{
	check(max_bytes <= SIZE_MAX / 4); /* so that doubling can't wrap */
	*buf = (struct buf){.max = max_bytes};
}

void
buf_fini(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}

void
buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->failed = false;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

/* Room for LEN more bytes and the NUL; false, for good, when there can't be. */
static bool
make_room(struct buf *buf, size_t len)
{
	size_t cap = buf->cap > 0 ? buf->cap : FIRST_BYTES;
	char *data;

	if (buf->failed || len > buf->max - buf->len) {
		buf->failed = true;
		return false;
	}
	if (buf->len + len < buf->cap)
		return true;
	while (cap <= buf->len + len)
		cap *= 2;
	if (cap > buf->max + 1)
		cap = buf->max + 1;
	data = realloc(buf->data, cap);
	if (data == NULL) {
		buf->failed = true;
		return false;
	}
	buf->data = data;
	buf->cap = cap;
	return true;
}

void
buf_put(struct buf *buf, const void *bytes, size_t len)
{
	if (!make_room(buf, len))
		return;
	if (len > 0)
		memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void
buf_puts(struct buf *buf, const char *text)
{
	buf_put(buf, text, strlen(text));
}

void
buf_putc(struct buf *buf, char c)
{
	buf_put(buf, &c, 1);
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	char brief[256]; /* most texts fit, and are formatted once */
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(brief, sizeof(brief), format, args);
	va_end(args);
	check(len >= 0);
	if ((size_t)len < sizeof(brief)) {
		buf_put(buf, brief, (size_t)len);
		return;
	}
	if (!make_room(buf, (size_t)len))
		return;
	va_start(args, format);
	(void)vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
}

void
buf_put_percent(struct buf *buf, const char *text, const char *kept)
{
	for (; *text != '\0'; text++) {
		if ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
		    (*text >= '0' && *text <= '9') || strchr("-._~", *text) != NULL ||
		    strchr(kept, *text) != NULL)
			buf_putc(buf, *text);
		else
			buf_printf(buf, "%%%02X", (unsigned)(unsigned char)*text);
	}
}

enum err
buf_finish(const struct buf *buf)
{
	return buf->failed ? ERR_MEMORY : ERR_OK;
}

/*
 * base/buf: a byte buffer that grows up to a maximum it must be given.
 *
 * Layer: base.  The error is sticky: after a refused growth every put is ignored, and buf_finish
 * reports it once, so that writers need not check each put.  Reused between requests by buf_reset.
 * One thread at a time.
 */
#ifndef SHARED_BASE_BUF_H
#define SHARED_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/cleanup.h"
#include "shared/base/err.h"

struct buf {
	char *data; /* NUL-terminated once anything was put; NULL before */
	size_t len;
	size_t cap;
	size_t max; /* most bytes it will hold, without the NUL */
	bool failed;
};

void buf_init(struct buf *buf, size_t max_bytes);
void buf_fini(struct buf *buf);
/* Empties it, keeps the memory, forgets the error. */
void buf_reset(struct buf *buf);

void buf_put(struct buf *buf, const void *bytes, size_t len);
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
/* RFC 3986: all but the unreserved characters, and those in KEPT, become %XX. */
void buf_put_percent(struct buf *buf, const char *text, const char *kept);
/* ERR_MEMORY when any put since the last reset was refused. */
MUST_USE enum err buf_finish(const struct buf *buf);

#define auto_buf AUTO_OF(buf_fini)

#endif

/*
 * base/log: one JSON object a line.
 *
 * Layer: base.  Members: time, level, msg, service, then the thread's context (request_id,
 * trace_id, route), then the event's own fields.  A line is one write(2), so lines of threads
 * never mix; it has at most 4 KiB, a value 1 KiB.  The sink (level, service, descriptor) is set
 * once before threads start, and the context is thread-local: the two exceptions to "no globals",
 * because every layer logs.
 * Never log a token, a password, a hash, an email body or a request body.
 */
#ifndef SHARED_BASE_LOG_H
#define SHARED_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* "debug", "info", "warn", "error", NULL: for a CONFIG_CHOICE row. */
extern const char *const log_level_names[];

struct log_field {
	const char *key;
	enum { LOG_FIELD_TEXT, LOG_FIELD_INT, LOG_FIELD_BOOL } type;
	const char *text; /* NULL becomes null; invalid UTF-8 is replaced, controls escaped */
	int64_t number;
};

#define LOG_TEXT(k, v) ((struct log_field){.key = (k), .type = LOG_FIELD_TEXT, .text = (v)})
#define LOG_INT(k, v)  ((struct log_field){.key = (k), .type = LOG_FIELD_INT, .number = (v)})
#define LOG_BOOL(k, v) ((struct log_field){.key = (k), .type = LOG_FIELD_BOOL, .number = (v)})
#define LOG_ERR(e)     LOG_TEXT("error", err_name(e))

/* SERVICE is borrowed for the life of the process. */
void log_init(const char *service, enum log_level least, int fd);
bool log_enabled(enum log_level level);

/* What every line of this thread carries from here on; each may be NULL; borrowed until changed. */
void log_context_set(const char *request_id, const char *trace_id, const char *route);
void log_context_clear(void);

void log_write(enum log_level level, const char *msg, const struct log_field *fields, size_t count);

#define LOG_FIELDS_(...)                                                                           \
	((const struct log_field[]){__VA_ARGS__}),                                                 \
	    sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field)

/* log_info("order confirmed", LOG_TEXT("order_id", id), LOG_INT("lines", n)); a field at least. */
#define log_debug(msg, ...) log_write(LOG_DEBUG, (msg), LOG_FIELDS_(__VA_ARGS__))
#define log_info(msg, ...)  log_write(LOG_INFO, (msg), LOG_FIELDS_(__VA_ARGS__))
#define log_warn(msg, ...)  log_write(LOG_WARN, (msg), LOG_FIELDS_(__VA_ARGS__))
#define log_error(msg, ...) log_write(LOG_ERROR, (msg), LOG_FIELDS_(__VA_ARGS__))

#endif

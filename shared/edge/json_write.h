/*
 * edge/json_write: JSON out, member by member, into a buf.
 *
 * Layer: edge.  What is written is valid JSON as long as the opens and closes fit; errors stick in
 * the buf, so that writers need not check each put.  One thread at a time.
 */
#ifndef SHARED_EDGE_JSON_WRITE_H
#define SHARED_EDGE_JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/buf.h"
#include "shared/base/money.h"
#include "shared/base/str.h"

struct cJSON;

struct json_writer { /* commas are its business; errors stick in the buf */
	struct buf *buf;
	bool comma;
};

void json_writer_init(struct json_writer *w, struct buf *buf);
/* KEY is NULL inside an array and at the top. */
void json_object_open(struct json_writer *w, const char *key);
void json_object_close(struct json_writer *w);
void json_array_open(struct json_writer *w, const char *key);
void json_array_close(struct json_writer *w);
void json_put_text(struct json_writer *w, const char *key, const char *text); /* NULL: null */
void json_put_int(struct json_writer *w, const char *key, int64_t number);
void json_put_bool(struct json_writer *w, const char *key, bool value);
void json_put_null(struct json_writer *w, const char *key);
void json_put_money(struct json_writer *w, const char *key, const struct money *money);
void json_put_time(struct json_writer *w, const char *key, int64_t unix_ms);
void json_put_raw(struct json_writer *w, const char *key, struct span json); /* already JSON */
/* A parsed value as it was; NULL: nothing is put. */
void json_put_value(struct json_writer *w, const char *key, const struct cJSON *value);

#endif

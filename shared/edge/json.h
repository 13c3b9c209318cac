/*
 * edge/json: strict JSON in (RFC 8259 over cJSON), plain JSON out.
 *
 * Layer: edge.  "Parse, don't validate": *_wire.c reads an object field by field into a struct
 * that can't be wrong; every fault is added to the request's struct fault, and json_end reports
 * whether there was any, unknown members included.  All strings are copied or borrowed in the
 * arena.  One thread at a time.
 */
#ifndef SHARED_EDGE_JSON_H
#define SHARED_EDGE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/buf.h"
#include "shared/base/err.h"
#include "shared/base/fault.h"
#include "shared/base/id.h"
#include "shared/base/money.h"
#include "shared/base/str.h"

struct cJSON;

#define JSON_DEPTH_MAX 32

/*
 * Parses the whole of TEXT.  ERR_MALFORMED with a detail: not JSON, not UTF-8, a member twice in
 * one object, nesting over JSON_DEPTH_MAX, a number that can't be kept exactly, bytes after the end.
 * A NUL written as \u0000 is no malformed JSON: the string that holds it is refused as bad_format
 * where a field reads it.  The tree is freed with the arena.
 */
MUST_USE enum err json_parse(struct arena *arena, struct span text, struct fault *fault,
			     const struct cJSON **out);

/* --- reading one object ------------------------------------------------------------------- */

#define JSON_FIELDS_MAX 32

struct json_object { /* a reader over one object */
	struct arena *arena;
	struct fault *fault;
	const struct cJSON *object; /* NULL: it was absent or no object; reads then find nothing */
	const char *pointer;        /* RFC 6901 of the object itself: "" at the top */
	const char *seen[JSON_FIELDS_MAX];
	size_t seen_count;
};

enum json_need { JSON_OPTIONAL, JSON_REQUIRED };

struct text_rule {
	size_t min, max; /* in code points */
	bool multiline;  /* \n, \r and \t are allowed; other control characters never */
	/* Further form, or NULL: returns false for a bad one; `form` names it for the detail. */
	bool (*matches)(const char *text);
	const char *form;
};

/* Parses BODY and starts reading its top object.  ERR_MALFORMED; a value of another type is added
 * as wrong_type at "" and ERR_VALIDATION returned. */
MUST_USE enum err json_begin(struct json_object *in, struct arena *arena, struct span body,
			     struct fault *fault);
/* Each reader: absent or null → *present false and *out untouched (`required` added when needed,
 * null counts as wrong_type when required).  A fault → added, *present false.  PRESENT may be NULL. */
void json_read_text(struct json_object *in, const char *name, enum json_need need,
		    const struct text_rule *rule, const char **out, bool *present);
void json_read_int(struct json_object *in, const char *name, enum json_need need, int64_t min,
		   int64_t max, int64_t *out, bool *present);
void json_read_bool(struct json_object *in, const char *name, enum json_need need, bool *out,
		    bool *present);
void json_read_id(struct json_object *in, const char *name, enum json_need need, struct id *out,
		  bool *present);
/* {"amount", "currency"}, both needed, nothing else. */
void json_read_money(struct json_object *in, const char *name, enum json_need need,
		     struct money *out, bool *present);
/* One of the NULL-terminated CHOICES; *out its index. */
void json_read_choice(struct json_object *in, const char *name, enum json_need need,
		      const char *const *choices, int *out, bool *present);
/* An array of texts, `duplicate` on a repeated one. */
void json_read_texts(struct json_object *in, const char *name, enum json_need need, size_t max_count,
		     const struct text_rule *rule, const char *const **out, size_t *count,
		     bool *present);
/* An object of string → string. */
struct text_pair {
	const char *name, *value;
};
void json_read_pairs(struct json_object *in, const char *name, enum json_need need, size_t max_count,
		     const struct text_rule *name_rule, const struct text_rule *value_rule,
		     const struct text_pair **out, size_t *count, bool *present);
/* A nested object, read by the caller, ended by json_end_nested. */
void json_read_object(struct json_object *in, const char *name, enum json_need need,
		      struct json_object *nested, bool *present);
/* An array of objects: *count elements, then json_element for each. */
void json_read_array(struct json_object *in, const char *name, enum json_need need, size_t min_count,
		     size_t max_count, const struct cJSON **out, size_t *count, bool *present);
void json_element(const struct json_object *parent, const struct cJSON *array, const char *name,
		  size_t at, struct json_object *element);
/* Adds a fault of the caller's own rule at this object's field NAME. */
void json_fault(struct json_object *in, const char *name, enum field_code code, const char *detail);
/* Was NAME given as null (merge patch: remove)?  Marks it as seen. */
bool json_is_null(struct json_object *in, const char *name);
void json_end_nested(struct json_object *in);
/* Adds unknown members; ERR_VALIDATION when the fault holds any field. */
MUST_USE enum err json_end(struct json_object *in);

/* Trusted documents of our own services (JWKS, revocations, events): by name, no faults. */
const char *json_get_text(const struct cJSON *object, const char *name); /* NULL */
bool json_get_int(const struct cJSON *object, const char *name, int64_t *out);
const struct cJSON *json_get_object(const struct cJSON *object, const char *name); /* NULL */
const struct cJSON *json_get_array(const struct cJSON *object, const char *name);  /* NULL */
size_t json_array_size(const struct cJSON *array);
const struct cJSON *json_array_at(const struct cJSON *array, size_t at);
const char *json_value_text(const struct cJSON *value); /* NULL unless a string */

/* --- writing ------------------------------------------------------------------------------ */

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

#endif

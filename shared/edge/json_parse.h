/*
 * edge/json_parse: text to tree, strictly.
 *
 * Layer: edge.  cJSON alone is lax (control characters in strings, 01, +1, texts cut at NUL), so
 * json_scan recognises the whole of RFC 8259 first.  One thread at a time.
 */
#ifndef SHARED_EDGE_JSON_PARSE_H
#define SHARED_EDGE_JSON_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/fault.h"
#include "shared/base/id.h"
#include "shared/base/money.h"
#include "shared/base/str.h"

struct cJSON;

/* The largest whole number that a double keeps apart from its neighbours (RFC 7493 §2.2). */
#define JSON_INT_MAX INT64_C(9007199254740991)

/*
 * Parses the whole of TEXT.  ERR_MALFORMED with a detail (FAULT may be NULL): not JSON, not UTF-8,
 * a member twice in one object, nesting over JSON_DEPTH_MAX, more than VALUES_MAX values, a
 * fraction that can't be kept exactly, a NUL in a member's name, bytes after the end.  A string
 * that holds a NUL (written \u0000) is no malformed JSON: it is refused as bad_format where a field
 * reads it, and json_value_text finds none.  The tree is freed with the arena.
 */
MUST_USE enum err json_parse_limited(struct arena *arena, struct span text, size_t values_max,
    struct fault *fault, const struct cJSON **out);
/* The same without a limit: for the documents of our own services. */
MUST_USE enum err json_parse(
    struct arena *arena, struct span text, struct fault *fault, const struct cJSON **out);

/* Trusted documents of our own services (JWKS, revocations, events): by name, no faults.  OBJECT
 * and ARRAY may be NULL: then nothing is found. */
const char *json_get_text(const struct cJSON *object, const char *name); /* NULL */
/* False unless it is a whole number within ±JSON_INT_MAX. */
bool json_get_int(const struct cJSON *object, const char *name, int64_t *out);
bool json_get_bool(const struct cJSON *object, const char *name, bool *out);
const struct cJSON *json_get_object(const struct cJSON *object, const char *name); /* NULL */
const struct cJSON *json_get_array(const struct cJSON *object, const char *name);  /* NULL */
const struct cJSON *json_get(const struct cJSON *object, const char *name); /* of any type; NULL */
/* ERR_MALFORMED: absent, or none. */
MUST_USE enum err json_get_id(const struct cJSON *object, const char *name, struct id *out);
MUST_USE enum err json_get_money(const struct cJSON *object, const char *name, struct money *out);
size_t json_array_size(const struct cJSON *array);
const struct cJSON *json_array_at(
    const struct cJSON *array, size_t at); /* O(at): prefer json_next */
/* The first element of an array, and the one after ELEMENT; NULL at the end. */
const struct cJSON *json_first(const struct cJSON *array);
const struct cJSON *json_next(const struct cJSON *element);
const char *json_value_text(const struct cJSON *value); /* NULL unless a string without NUL */

/* Why a number is no int64_t of ours. */
enum json_number { JSON_NUMBER_OK, JSON_NUMBER_FRACTION, JSON_NUMBER_TOO_BIG };
enum json_number json_number_int(const struct cJSON *number, int64_t *out);
/* Does the string VALUE hold a NUL, which its text can't show? */
bool json_value_has_nul(const struct cJSON *value);

#endif

/*
 * edge/json_read: "parse, don't validate".
 *
 * Layer: edge.  *_wire.c reads an object field by field into a struct that can't be wrong; every
 * fault is added to the request's struct fault, and json_end reports whether there was any, unknown
 * members included.  All strings are copied or borrowed in the arena.  One thread at a time.
 *
 * A merge patch (RFC 7396) is read by the same readers.  A member that is left out stays as it is.
 * null removes: json_is_null tells it from a member left out, where there is something to remove;
 * where there is not, JSON_NOT_NULL refuses it.  Arrays are replaced whole, objects are merged:
 * json_patch_money and json_patch_pairs say what to merge.
 */
#ifndef SHARED_EDGE_JSON_READ_H
#define SHARED_EDGE_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/fault.h"
#include "shared/base/id.h"
#include "shared/base/money.h"
#include "shared/base/str.h"
#include "shared/edge/text_rule.h"

struct cJSON;

#define JSON_FIELDS_MAX 32

struct json_object { /* a reader over one object */
	struct arena *arena;
	struct fault *fault;
	const struct cJSON *object; /* NULL: it was absent or no object; reads then find nothing */
	const char *pointer;        /* RFC 6901 of the object itself: "" at the top */
	const char *seen[JSON_FIELDS_MAX];
	size_t seen_count;
};

enum json_need {
	JSON_OPTIONAL, /* left out or null */
	JSON_NOT_NULL, /* may be left out */
	JSON_REQUIRED
};

/* Parses BODY and starts reading its top object.  ERR_MALFORMED; a value of another type is added
 * as wrong_type at "" and ERR_VALIDATION returned.  An empty BODY (where it is optional) reads like
 * an object without members. */
MUST_USE enum err json_begin(
    struct json_object *in, struct arena *arena, struct span body, struct fault *fault);
/* Each reader: absent or null → *present false and *out untouched (`required` added when needed,
 * null counts as wrong_type unless optional).  A fault → added, *present false.  PRESENT may be
 * NULL. */
void json_read_text(struct json_object *in, const char *name, enum json_need need,
    const struct text_rule *rule, const char **out, bool *present);
void json_read_int(struct json_object *in, const char *name, enum json_need need, int64_t min,
    int64_t max, int64_t *out, bool *present);
void json_read_bool(
    struct json_object *in, const char *name, enum json_need need, bool *out, bool *present);
void json_read_id(
    struct json_object *in, const char *name, enum json_need need, struct id *out, bool *present);
/* {"amount", "currency"}, both needed, nothing else. */
void json_read_money(struct json_object *in, const char *name, enum json_need need,
    struct money *out, bool *present);
/* One of the NULL-terminated CHOICES; *out its index. */
void json_read_choice(struct json_object *in, const char *name, enum json_need need,
    const char *const *choices, int *out, bool *present);
/* An array of texts, `duplicate` on a repeated one. */
void json_read_texts(struct json_object *in, const char *name, enum json_need need,
    size_t max_count, const struct text_rule *rule, const char *const **out, size_t *count,
    bool *present);
/* An object of string → string. */
struct text_pair {
	const char *name, *value;
};
void json_read_pairs(struct json_object *in, const char *name, enum json_need need,
    size_t max_count, const struct text_rule *name_rule, const struct text_rule *value_rule,
    const struct text_pair **out, size_t *count, bool *present);
/* What a merge patch says of a sum; `money` holds what it has. */
struct money_patch {
	bool has_amount, has_currency;
	struct money money;
};
void json_patch_money(struct json_object *in, const char *name, struct money_patch *out);
/* What it says of an object of string → string: a pair whose value is NULL is removed.  Absent or
 * null (see json_is_null) → *present false. */
void json_patch_pairs(struct json_object *in, const char *name, size_t max_count,
    const struct text_rule *name_rule, const struct text_rule *value_rule,
    const struct text_pair **out, size_t *count, bool *present);
/* A nested object, read by the caller, ended by json_end_nested. */
void json_read_object(struct json_object *in, const char *name, enum json_need need,
    struct json_object *nested, bool *present);
/* An array of objects: *count elements, then json_element for each. */
void json_read_array(struct json_object *in, const char *name, enum json_need need,
    size_t min_count, size_t max_count, const struct cJSON **out, size_t *count, bool *present);
void json_element(const struct json_object *parent, const struct cJSON *array, const char *name,
    size_t at, struct json_object *element);
/* Adds a fault of the caller's own rule at this object's field NAME. */
void json_fault(struct json_object *in, const char *name, enum field_code code, const char *detail);
/* Was NAME given as null (merge patch: remove)?  Marks it as seen. */
bool json_is_null(struct json_object *in, const char *name);
void json_end_nested(struct json_object *in);
/* Adds unknown members; ERR_VALIDATION when the fault holds any field. */
MUST_USE enum err json_end(struct json_object *in);

#endif

/*
 * edge/json_field: one member of an object: found, marked as seen, told of by its pointer.
 *
 * Layer: edge, for json_read alone.
 */
#ifndef SHARED_EDGE_JSON_FIELD_H
#define SHARED_EDGE_JSON_FIELD_H

#include "shared/edge/json_read.h"

/* RFC 6901 pointer of IN's member NAME, or of IN itself when that is NULL.  NULL at the cap. */
const char *json_field_pointer(const struct json_object *in, const char *name);
void json_field_fault(
    const struct json_object *in, const char *name, enum field_code code, const char *detail);
void json_field_mark(struct json_object *in, const char *name);
bool json_field_is_marked(const struct json_object *in, const char *name);
/* The member NAME, now marked; NULL when there is none or it is null, with its fault where NEED
 * has one. */
const struct cJSON *json_field_find(struct json_object *in, const char *name, enum json_need need);
/* VALUE, the member NAME, as a text by RULE; NULL with its fault. */
const char *json_field_text(const struct json_object *in, const char *name,
    const struct cJSON *value, const struct text_rule *rule);
/* VALUE as a whole number of min…max; false with its fault. */
bool json_field_int(const struct json_object *in, const char *name, const struct cJSON *value,
    int64_t min, int64_t max, int64_t *out);

#endif

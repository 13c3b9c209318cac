#include "shared/edge/json_field.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

#include "shared/base/check.h"
#include "shared/edge/json_parse.h"

#define POINTER_NAME_BYTES                                                                         \
	128 /* of an unknown member's name: the answer need not repeat it whole */

/* RFC 6901 §3: '~' and '/' in a name are written ~0 and ~1. */
const char *
json_field_pointer(const struct json_object *in, const char *name)
{
	char escaped[2 * POINTER_NAME_BYTES + 8];
	size_t len = 0;

	if (name == NULL)
		return in->pointer;
	for (size_t i = 0; name[i] != '\0'; i++) {
		/* Cut between characters, never inside one. */
		if (i >= POINTER_NAME_BYTES && ((unsigned char)name[i] & 0xC0) != 0x80) {
			memcpy(escaped + len, "\xE2\x80\xA6", 3);
			len += 3;
			break;
		}
		if (name[i] == '~' || name[i] == '/') {
			escaped[len++] = '~';
			escaped[len++] = name[i] == '~' ? '0' : '1';
		} else {
			escaped[len++] = name[i];
		}
	}
	return arena_printf(in->arena, "%s/%.*s", in->pointer, (int)len, escaped);
}

void
json_field_fault(
    const struct json_object *in, const char *name, enum field_code code, const char *detail)
{
	const char *pointer = json_field_pointer(in, name);

	(void)fault_field(
	    in->fault, FIELD_IN_BODY, pointer != NULL ? pointer : in->pointer, code, "%s", detail);
}

bool
json_field_is_marked(const struct json_object *in, const char *name)
{
	for (size_t i = 0; i < in->seen_count; i++)
		if (str_equal(in->seen[i], name))
			return true;
	return false;
}

void
json_field_mark(struct json_object *in, const char *name)
{
	if (json_field_is_marked(in, name))
		return;
	check(in->seen_count < JSON_FIELDS_MAX);
	in->seen[in->seen_count++] = name;
}

const cJSON *
json_field_find(struct json_object *in, const char *name, enum json_need need)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(in->object, name);

	json_field_mark(in, name);
	if (value == NULL) {
		/* An object that was no object has its fault already. */
		if (need == JSON_REQUIRED && (in->object != NULL || in->pointer[0] == '\0'))
			json_field_fault(in, name, FIELD_REQUIRED, "This member is required.");
		return NULL;
	}
	if (!cJSON_IsNull(value))
		return value;
	if (need != JSON_OPTIONAL)
		json_field_fault(in, name, FIELD_WRONG_TYPE, "This member can't be null.");
	return NULL;
}

const char *
json_field_text(const struct json_object *in, const char *name, const cJSON *value,
    const struct text_rule *rule)
{
	enum field_code code;
	const char *detail;

	if (!cJSON_IsString(value)) {
		json_field_fault(in, name, FIELD_WRONG_TYPE, "It must be a string.");
		return NULL;
	}
	if (json_value_has_nul(value)) {
		json_field_fault(in, name, FIELD_BAD_FORMAT, "No NUL characters.");
		return NULL;
	}
	if (text_rule_fits(rule, value->valuestring, in->arena, &code, &detail))
		return value->valuestring;
	json_field_fault(in, name, code, detail);
	return NULL;
}

bool
json_field_int(const struct json_object *in, const char *name, const cJSON *value, int64_t min,
    int64_t max, int64_t *out)
{
	enum json_number kind;
	int64_t number = 0;
	const char *detail;

	if (!cJSON_IsNumber(value)) {
		json_field_fault(in, name, FIELD_WRONG_TYPE, "It must be a whole number.");
		return false;
	}
	kind = json_number_int(value, &number);
	if (kind == JSON_NUMBER_FRACTION) {
		json_field_fault(in, name, FIELD_WRONG_TYPE, "It must be a whole number.");
		return false;
	}
	if (kind == JSON_NUMBER_OK && number >= min && number <= max) {
		*out = number;
		return true;
	}
	detail = arena_printf(in->arena, "It must be from %" PRId64 " to %" PRId64 ".", min, max);
	json_field_fault(in, name, FIELD_OUT_OF_RANGE, detail != NULL ? detail : "");
	return false;
}

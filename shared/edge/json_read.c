#include "shared/edge/json_read.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "shared/edge/json_field.h"
#include "shared/edge/json_parse.h"

/* No body has a use for a tenth of them.  A value with its name costs 130 bytes beside its text,
 * and every worker may have its 1 MiB of them at once, in a pod that has 64. */
#define BODY_VALUES_MAX 4000

enum err
json_begin(struct json_object *in, struct arena *arena, struct span body, struct fault *fault)
{
	const cJSON *root = NULL;

	if (body.len > 0)
		TRY(json_parse_limited(arena, body, BODY_VALUES_MAX, fault, &root));
	*in = (struct json_object){.arena = arena, .fault = fault, .object = root, .pointer = ""};
	if (root != NULL && !cJSON_IsObject(root)) {
		in->object = NULL;
		return fault_field(
		    fault, FIELD_IN_BODY, "", FIELD_WRONG_TYPE, "The body must be an object.");
	}
	return ERR_OK;
}

void
json_fault(struct json_object *in, const char *name, enum field_code code, const char *detail)
{
	json_field_fault(in, name, code, detail);
}

static bool
set_present(bool *present, bool value)
{
	if (present != NULL)
		*present = value;
	return value;
}

void
json_read_text(struct json_object *in, const char *name, enum json_need need,
    const struct text_rule *rule, const char **out, bool *present)
{
	const cJSON *value = json_field_find(in, name, need);
	const char *text = value != NULL ? json_field_text(in, name, value, rule) : NULL;

	if (set_present(present, text != NULL))
		*out = text;
}

void
json_read_int(struct json_object *in, const char *name, enum json_need need, int64_t min,
    int64_t max, int64_t *out, bool *present)
{
	const cJSON *value = json_field_find(in, name, need);

	(void)set_present(present, value != NULL && json_field_int(in, name, value, min, max, out));
}

void
json_read_bool(
    struct json_object *in, const char *name, enum json_need need, bool *out, bool *present)
{
	const cJSON *value = json_field_find(in, name, need);

	if (value != NULL && !cJSON_IsBool(value)) {
		json_field_fault(in, name, FIELD_WRONG_TYPE, "It must be true or false.");
		value = NULL;
	}
	if (set_present(present, value != NULL))
		*out = cJSON_IsTrue(value);
}

static bool
is_id(const char *text)
{
	struct id id;

	return id_parse(text, &id) == ERR_OK;
}

void
json_read_id(
    struct json_object *in, const char *name, enum json_need need, struct id *out, bool *present)
{
	static const struct text_rule rule = {.max = SIZE_MAX, .matches = is_id, .form = "a UUID"};
	const cJSON *value = json_field_find(in, name, need);
	const char *text = value != NULL ? json_field_text(in, name, value, &rule) : NULL;

	(void)set_present(present, text != NULL && id_parse(text, out) == ERR_OK);
}

void
json_read_choice(struct json_object *in, const char *name, enum json_need need,
    const char *const *choices, int *out, bool *present)
{
	static const struct text_rule rule = {.max = SIZE_MAX};
	const cJSON *value = json_field_find(in, name, need);
	const char *text = value != NULL ? json_field_text(in, name, value, &rule) : NULL;

	(void)set_present(present, false);
	if (text == NULL)
		return;
	for (int i = 0; choices[i] != NULL; i++) {
		if (str_equal(choices[i], text)) {
			*out = i;
			(void)set_present(present, true);
			return;
		}
	}
	json_field_fault(in, name, FIELD_NOT_ALLOWED, "It is none of the values that are allowed.");
}

/* The members of a sum, as far as they are there, over *patch; needed when NEED says so. */
static void
read_money_members(struct json_object *nested, enum json_need need, struct money_patch *patch)
{
	static const struct text_rule currency_rule = {
	    .max = SIZE_MAX,
	    .matches = money_currency_known,
	    .form = "an ISO 4217 currency code",
	};
	const char *currency = NULL;

	json_read_int(nested, "amount", need, 0, MONEY_AMOUNT_MAX, &patch->money.amount_minor,
	    &patch->has_amount);
	json_read_text(nested, "currency", need, &currency_rule, &currency, &patch->has_currency);
	json_end_nested(nested);
	if (patch->has_currency) /* a known one has three letters */
		memcpy(patch->money.currency, currency, sizeof(patch->money.currency));
}

void
json_read_money(
    struct json_object *in, const char *name, enum json_need need, struct money *out, bool *present)
{
	struct money_patch patch = {.has_amount = false};
	struct json_object nested;
	bool has_object;
	size_t faults = in->fault->field_count;

	(void)set_present(present, false);
	json_read_object(in, name, need, &nested, &has_object);
	if (!has_object)
		return;
	read_money_members(&nested, JSON_REQUIRED, &patch);
	if (!patch.has_amount || !patch.has_currency || in->fault->field_count > faults)
		return;
	*out = patch.money;
	(void)set_present(present, true);
}

void
json_patch_money(struct json_object *in, const char *name, struct money_patch *out)
{
	struct json_object nested;
	bool has_object;

	*out = (struct money_patch){.has_amount = false};
	json_read_object(in, name, JSON_NOT_NULL, &nested, &has_object);
	if (has_object)
		read_money_members(&nested, JSON_NOT_NULL, out);
}

static bool
is_among(const char *const *texts, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (texts[i] != NULL && str_equal(texts[i], text))
			return true;
	return false;
}

/* Is the number of VALUE's elements within min…max?  False with its fault at NAME. */
static bool
count_fits(
    const struct json_object *in, const char *name, const cJSON *value, size_t min, size_t max)
{
	size_t count = json_array_size(value);
	const char *detail;

	if (count >= min && count <= max)
		return true;
	detail = arena_printf(in->arena, "From %zu to %zu of them.", min, max);
	json_field_fault(
	    in, name, count < min ? FIELD_TOO_SHORT : FIELD_TOO_LONG, detail != NULL ? detail : "");
	return false;
}

/* The array NAME; NULL when it is absent or has a fault. */
static const cJSON *
find_array(struct json_object *in, const char *name, enum json_need need, size_t min, size_t max)
{
	const cJSON *value = json_field_find(in, name, need);

	if (value == NULL)
		return NULL;
	if (!cJSON_IsArray(value)) {
		json_field_fault(in, name, FIELD_WRONG_TYPE, "It must be an array.");
		return NULL;
	}
	return count_fits(in, name, value, min, max) ? value : NULL;
}

void
json_read_texts(struct json_object *in, const char *name, enum json_need need, size_t max_count,
    const struct text_rule *rule, const char *const **out, size_t *count, bool *present)
{
	const cJSON *array = find_array(in, name, need, 0, max_count);
	struct json_object elements = *in;
	size_t faults = in->fault->field_count;
	const char **texts;
	size_t at = 0;

	(void)set_present(present, false);
	if (array == NULL)
		return;
	texts = arena_array(in->arena, json_array_size(array), sizeof(*texts));
	elements.pointer = json_field_pointer(in, name);
	if (texts == NULL || elements.pointer == NULL)
		return;
	for (const cJSON *element = array->child; element != NULL; element = element->next, at++) {
		char place[24];

		(void)snprintf(place, sizeof(place), "%zu", at);
		texts[at] = json_field_text(&elements, place, element, rule);
		if (texts[at] != NULL && is_among(texts, at, texts[at]))
			json_field_fault(&elements, place, FIELD_DUPLICATE, "It is there before.");
	}
	if (in->fault->field_count > faults)
		return;
	*out = texts;
	*count = at;
	(void)set_present(present, true);
}

/* NULLS: a member may be null, and its pair's value is NULL then. */
static void
read_pairs(struct json_object *in, const char *name, enum json_need need, bool nulls,
    size_t max_count, const struct text_rule *name_rule, const struct text_rule *value_rule,
    const struct text_pair **out, size_t *count, bool *present)
{
	struct json_object members;
	size_t faults = in->fault->field_count;
	struct text_pair *pairs;
	size_t at = 0;
	bool has_object;

	(void)set_present(present, false);
	json_read_object(in, name, need, &members, &has_object);
	if (!has_object || !count_fits(in, name, members.object, 0, max_count))
		return;
	pairs = arena_array(in->arena, json_array_size(members.object), sizeof(*pairs));
	if (pairs == NULL)
		return;
	for (const cJSON *member = members.object->child; member != NULL; member = member->next) {
		enum field_code code;
		const char *detail;

		if (!text_rule_fits(name_rule, member->string, in->arena, &code, &detail))
			json_field_fault(&members, member->string, code, detail);
		pairs[at].name = member->string;
		pairs[at].value = NULL;
		if (!nulls || !cJSON_IsNull(member))
			pairs[at].value =
			    json_field_text(&members, member->string, member, value_rule);
		at++;
	}
	if (in->fault->field_count > faults)
		return;
	*out = pairs;
	*count = at;
	(void)set_present(present, true);
}

void
json_read_pairs(struct json_object *in, const char *name, enum json_need need, size_t max_count,
    const struct text_rule *name_rule, const struct text_rule *value_rule,
    const struct text_pair **out, size_t *count, bool *present)
{
	read_pairs(in, name, need, false, max_count, name_rule, value_rule, out, count, present);
}

void
json_patch_pairs(struct json_object *in, const char *name, size_t max_count,
    const struct text_rule *name_rule, const struct text_rule *value_rule,
    const struct text_pair **out, size_t *count, bool *present)
{
	read_pairs(
	    in, name, JSON_OPTIONAL, true, max_count, name_rule, value_rule, out, count, present);
}

/* Starts reading VALUE, which is at POINTER. */
static void
begin_nested(const struct json_object *parent, const cJSON *value, const char *pointer,
    struct json_object *nested)
{
	*nested = (struct json_object){
	    .arena = parent->arena,
	    .fault = parent->fault,
	    .object = cJSON_IsObject(value) ? value : NULL,
	    .pointer = pointer != NULL ? pointer : parent->pointer,
	};
	if (value != NULL && nested->object == NULL)
		json_field_fault(nested, NULL, FIELD_WRONG_TYPE, "It must be an object.");
}

void
json_read_object(struct json_object *in, const char *name, enum json_need need,
    struct json_object *nested, bool *present)
{
	begin_nested(in, json_field_find(in, name, need), json_field_pointer(in, name), nested);
	(void)set_present(present, nested->object != NULL);
}

void
json_read_array(struct json_object *in, const char *name, enum json_need need, size_t min_count,
    size_t max_count, const struct cJSON **out, size_t *count, bool *present)
{
	const cJSON *array = find_array(in, name, need, min_count, max_count);

	if (!set_present(present, array != NULL))
		return;
	*out = array;
	*count = json_array_size(array);
}

void
json_element(const struct json_object *parent, const struct cJSON *array, const char *name,
    size_t at, struct json_object *element)
{
	const char *pointer = json_field_pointer(parent, name);

	if (pointer != NULL)
		pointer = arena_printf(parent->arena, "%s/%zu", pointer, at);
	begin_nested(parent, json_array_at(array, at), pointer, element);
}

bool
json_is_null(struct json_object *in, const char *name)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(in->object, name);

	json_field_mark(in, name);
	return cJSON_IsNull(value);
}

void
json_end_nested(struct json_object *in)
{
	if (in->object == NULL)
		return;
	for (const cJSON *member = in->object->child; member != NULL; member = member->next) {
		if (in->fault->field_count >= FAULT_FIELDS_MAX)
			return;
		if (!json_field_is_marked(in, member->string))
			json_field_fault(
			    in, member->string, FIELD_UNKNOWN, "There is no such member.");
	}
}

enum err
json_end(struct json_object *in)
{
	json_end_nested(in);
	/* Readers that found the arena at its end left things out without a fault. */
	if (arena_overflowed(in->arena))
		return ERR_MEMORY;
	return fault_check_fields(in->fault);
}

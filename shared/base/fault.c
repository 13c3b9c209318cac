#include "shared/base/fault.h"

#include <stdarg.h>

#include "shared/base/check.h"

static const char *const field_codes[] = {
#define FIELD_CODE(value, code) code,
    FIELD_TABLE(FIELD_CODE)
#undef FIELD_CODE
};

void
fault_init(struct fault *fault, struct arena *arena)
{
	*fault = (struct fault){.arena = arena};
}

const char *
field_code_text(enum field_code code)
{
	check((unsigned)code < FIELD_COUNT);
	return field_codes[code];
}

enum err
fault_set(struct fault *fault, enum err err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fault->detail = arena_vprintf(fault->arena, format, args);
	va_end(args);
	return err;
}

enum err
fault_field(struct fault *fault, enum field_place place, const char *where, enum field_code code,
    const char *format, ...)
{
	struct field_fault *field;
	va_list args;

	/* Counted even when it can't be told: the request stays refused. */
	if (fault->field_count++ >= FAULT_FIELDS_MAX)
		return ERR_VALIDATION;
	field = arena_alloc(fault->arena, sizeof(*field));
	if (field == NULL)
		return ERR_VALIDATION;
	field->place = place;
	field->code = code;
	field->where = arena_strdup(fault->arena, where);
	if (field->where == NULL)
		return ERR_VALIDATION;
	va_start(args, format);
	field->detail = arena_vprintf(fault->arena, format, args);
	va_end(args);
	if (fault->last != NULL)
		fault->last->next = field;
	else
		fault->first = field;
	fault->last = field;
	return ERR_VALIDATION;
}

enum err
fault_check_fields(const struct fault *fault)
{
	return fault->field_count > 0 ? ERR_VALIDATION : ERR_OK;
}

#include "shared/edge/text_rule.h"

#include <string.h>

#include "shared/base/str.h"

/* Not in `multiline` texts: \t, \n, \r. */
static bool
has_forbidden_control(const char *text, const struct text_rule *rule)
{
	if (rule->anything || !utf8_has_control(text))
		return false;
	if (!rule->multiline)
		return true;
	for (; *text != '\0'; text++) {
		const char one[3] = {
		    text[0], (unsigned char)text[0] == 0xC2 ? text[1] : '\0', '\0'};

		if (strchr("\t\n\r", text[0]) == NULL && utf8_has_control(one))
			return true;
	}
	return false;
}

bool
text_rule_fits(const struct text_rule *rule, const char *text, struct arena *arena,
    enum field_code *code, const char **detail)
{
	size_t length = utf8_length(text);
	const char *said = "";

	if (length < rule->min) {
		*code = FIELD_TOO_SHORT;
		said = arena_printf(arena, "At least %zu characters.", rule->min);
	} else if (length > rule->max) {
		*code = FIELD_TOO_LONG;
		said = arena_printf(arena, "At most %zu characters.", rule->max);
	} else if (has_forbidden_control(text, rule)) {
		*code = FIELD_BAD_FORMAT;
		said = "No control characters.";
	} else if (rule->matches != NULL && !rule->matches(text)) {
		*code = rule->choice ? FIELD_NOT_ALLOWED : FIELD_BAD_FORMAT;
		said = arena_printf(
		    arena, "It must be %s.", rule->form != NULL ? rule->form : "valid");
	} else {
		return true;
	}
	*detail = said != NULL ? said : "";
	return false;
}

/*
 * edge/text_rule: what a text from a client must be, in a JSON member or a query parameter.
 *
 * Layer: edge.  Pure.
 */
#ifndef SHARED_EDGE_TEXT_RULE_H
#define SHARED_EDGE_TEXT_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/arena.h"
#include "shared/base/fault.h"

struct text_rule {
	size_t min, max; /* in code points */
	bool multiline;  /* \n, \r and \t are allowed; other control characters never */
	bool anything;   /* every character but NUL is allowed: passwords */
	/* Further form, or NULL: returns false for a bad one; `form` names it for the detail. */
	bool (*matches)(const char *text);
	const char *form;
	bool choice; /* it is one of a few values, not a form: what does not match is not_allowed */
};

/*
 * Does TEXT (valid UTF-8) fit RULE?  True, or false with the fault's code and, in the arena, its
 * detail.
 */
bool text_rule_fits(const struct text_rule *rule, const char *text, struct arena *arena,
    enum field_code *code, const char **detail);

#endif

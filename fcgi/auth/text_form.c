#include "fcgi/auth/text_form.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "shared/base/str.h"

static enum err
map(struct arena *arena, const char *text, utf8proc_option_t more, const char **out)
{
	utf8proc_uint8_t *mapped = NULL;
	utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)text, 0, &mapped,
	    UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE | more);
	const char *copy;

	if (len < 0)
		return len == UTF8PROC_ERROR_NOMEM ? ERR_MEMORY : ERR_MALFORMED;
	copy = arena_memdup(arena, mapped, (size_t)len);
	bytes_wipe(mapped, (size_t)len);
	free(mapped);
	TRY_ALLOC(copy);
	*out = copy;
	return ERR_OK;
}

enum err
text_form_normal(struct arena *arena, const char *text, const char **out)
{
	return map(arena, text, 0, out);
}

enum err
text_form_folded(struct arena *arena, const char *text, const char **out)
{
	return map(arena, text, UTF8PROC_CASEFOLD, out);
}

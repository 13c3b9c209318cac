#include "fcgi/auth/email_address.h"

#include <string.h>
#include <utf8proc.h>

#include "fcgi/auth/text_form.h"
#include "shared/base/str.h"

#define LOCAL_BYTES_MAX 64
#define LABEL_BYTES_MAX 63

static bool
is_ascii_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A visible character beyond ASCII: no space, control, format or unassigned one. */
static bool
is_foreign_letter(const char *at, size_t len)
{
	utf8proc_int32_t point;

	if (utf8proc_iterate((const utf8proc_uint8_t *)at, (utf8proc_ssize_t)len, &point) < 0)
		return false;
	switch (utf8proc_category(point)) {
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return false;
	default:
		return true;
	}
}

/* Letters, digits, what is beyond ASCII, and the ASCII characters of EXTRA. */
static bool
made_of(const char *text, size_t len, const char *extra)
{
	for (size_t at = 0; at < len;) {
		size_t step = utf8_sequence(text + at, len - at);

		if (step == 0)
			return false;
		if (step == 1 ? !is_ascii_alnum(text[at]) && strchr(extra, text[at]) == NULL
			      : !is_foreign_letter(text + at, step))
			return false;
		at += step;
	}
	return true;
}

static bool
is_local_part(const char *text, size_t len)
{
	if (len == 0 || len > LOCAL_BYTES_MAX || text[0] == '.' || text[len - 1] == '.')
		return false;
	for (size_t i = 1; i < len; i++)
		if (text[i - 1] == '.' && text[i] == '.')
			return false;
	return made_of(text, len, ".!#$%&'*+/=?^_`{|}~-");
}

static bool
is_label(const char *text, size_t len)
{
	return len > 0 && len <= LABEL_BYTES_MAX && text[0] != '-' && text[len - 1] != '-' &&
	    made_of(text, len, "-");
}

static bool
is_domain(const char *text)
{
	size_t labels = 0;

	for (;;) {
		size_t len = strcspn(text, ".");

		if (!is_label(text, len))
			return false;
		labels++;
		if (text[len] == '\0')
			/* The last label of a name is never a number: that would be an address. */
			return labels >= 2 && strspn(text, "0123456789") < len;
		text += len + 1;
	}
}

bool
email_address_valid(const char *text)
{
	const char *at = strchr(text, '@');

	return at != NULL && strlen(text) <= EMAIL_BYTES_MAX &&
	    is_local_part(text, (size_t)(at - text)) && is_domain(at + 1);
}

enum err
email_address_key(struct arena *arena, const char *text, const char **key)
{
	return text_form_folded(arena, text, key);
}

#include "notifier/mail_template.h"

#include <string.h>

#include "shared/base/str.h"

#define FALLBACK_LANGUAGE "en"

static const struct mail_template *
find_exactly(const char *name, const char *language, size_t language_len)
{
	for (const struct mail_template *at = mail_templates; at->name != NULL; at++)
		if (str_equal(at->name, name) && strlen(at->language) == language_len &&
		    strncasecmp(at->language, language, language_len) == 0)
			return at;
	return NULL;
}

const struct mail_template *
mail_template_find(const char *name, const char *locale)
{
	const struct mail_template *found = find_exactly(name, locale, strcspn(locale, "-_"));

	if (found != NULL)
		return found;
	return find_exactly(name, FALLBACK_LANGUAGE, strlen(FALLBACK_LANGUAGE));
}

void
mail_put_text(struct buf *out, const char *value)
{
	buf_puts(out, value);
}

void
mail_put_html(struct buf *out, const char *value)
{
	while (*value != '\0') {
		size_t plain = strcspn(value, "&<>\"'");

		buf_put(out, value, plain);
		value += plain;
		switch (*value) {
		case '&':
			buf_puts(out, "&amp;");
			break;
		case '<':
			buf_puts(out, "&lt;");
			break;
		case '>':
			buf_puts(out, "&gt;");
			break;
		case '"':
			buf_puts(out, "&quot;");
			break;
		case '\'':
			buf_puts(out, "&#39;");
			break;
		default: /* the end */
			return;
		}
		value++;
	}
}

void
mail_put_line(struct buf *out, const char *value)
{
	for (; *value != '\0'; value++) {
		unsigned char c = (unsigned char)*value;

		buf_putc(out, c < 0x20 || c == 0x7f ? ' ' : *value);
	}
}

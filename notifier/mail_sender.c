#include "notifier/mail_sender.h"

#include <string.h>

#include "shared/base/str.h"
#include "shared/infra/mail_header.h"

static void
take(char *out, const char *text, size_t len)
{
	memcpy(out, text, len);
	out[len] = '\0';
}

enum err
mail_sender_parse(const char *text, struct mail_sender *out)
{
	const char *open = strrchr(text, '<');
	size_t len = strlen(text);
	size_t name_len = 0;

	if (len > MAIL_SENDER_MAX || utf8_has_control(text))
		return ERR_CONFIG;
	if (open == NULL) {
		take(out->address, text, len);
	} else {
		if (text[len - 1] != '>')
			return ERR_CONFIG;
		take(out->address, open + 1, len - (size_t)(open - text) - 2);
		name_len = (size_t)(open - text);
		while (name_len > 0 && text[name_len - 1] == ' ')
			name_len--;
	}
	take(out->name, text, name_len);
	if (!mail_address_valid(out->address))
		return ERR_CONFIG;
	out->host = strrchr(out->address, '@') + 1;
	return ERR_OK;
}

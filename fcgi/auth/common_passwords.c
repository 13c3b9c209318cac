#include "fcgi/auth/common_passwords.h"

#include <string.h>

static bool
is_among(const struct common_passwords *list, const char *text)
{
	size_t low = 0;
	size_t high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(text, list->texts + middle * list->len, list->len);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

bool
common_password(const char *folded)
{
	size_t len = strlen(folded);

	for (const struct common_passwords *list = common_password_list; list->len != 0; list++)
		if (list->len == len)
			return is_among(list, folded);
	return false;
}

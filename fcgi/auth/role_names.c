#include "fcgi/auth/role_names.h"

#include <string.h>

#include "shared/edge/jwt.h"

unsigned
role_names_parse(const char *text)
{
	unsigned roles = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, ",");

		for (const struct jwt_role *role = jwt_roles; role->name != NULL; role++)
			if (strlen(role->name) == len && strncmp(role->name, text, len) == 0)
				roles |= role->role;
		text += len + (text[len] != '\0');
	}
	return roles;
}

const char *
role_names_text(struct arena *arena, unsigned roles)
{
	const char *text = "";

	for (const struct jwt_role *role = jwt_roles; role->name != NULL && text != NULL; role++)
		if ((roles & role->role) != 0)
			text = arena_printf(
			    arena, "%s%s%s", text, *text != '\0' ? "," : "", role->name);
	return text;
}

#include "shared/infra/pg_url.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/str.h"

#define POOLED "pool_mode=transaction"

/* Takes POOLED out of the parameters of URL. */
static bool
take_pooled(char *url)
{
	char *at = strstr(url, POOLED);
	char *rest;

	if (at == NULL || at == url || (at[-1] != '?' && at[-1] != '&'))
		return false;
	rest = at + strlen(POOLED);
	if (*rest == '&')
		memmove(at, rest + 1, strlen(rest));
	else if (*rest == '\0')
		at[-1] = '\0';
	else
		return false;
	return true;
}

enum err
pg_url_copy(const char *url, char **out, bool *pooled)
{
	char *copy = strdup(url);

	TRY_ALLOC(copy);
	*pooled = take_pooled(copy);
	*out = copy;
	return ERR_OK;
}

enum err
pg_url_role(const char *url, char out[PG_ROLE_SIZE])
{
	PQconninfoOption *options;
	const char *user = "";
	char *copy;
	bool pooled;
	int len;

	TRY(pg_url_copy(url, &copy, &pooled));
	options = PQconninfoParse(copy, NULL);
	bytes_wipe(copy, strlen(copy));
	free(copy);
	if (options == NULL)
		return ERR_CONFIG;
	for (const PQconninfoOption *option = options; option->keyword != NULL; option++)
		if (str_equal(option->keyword, "user") && option->val != NULL)
			user = option->val;
	len = snprintf(out, PG_ROLE_SIZE, "%s", user);
	PQconninfoFree(options);
	return len >= 0 && len < PG_ROLE_SIZE ? ERR_OK : ERR_CONFIG;
}

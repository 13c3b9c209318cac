#include "shared/edge/request.h"

#include <string.h>
#include <strings.h>

#include "shared/base/check.h"

static char
cgi_char(char c)
{
	if (c >= 'a' && c <= 'z')
		return (char)(c - 'a' + 'A');
	return c == '-' ? '_' : c;
}

/* Is ENTRY ("HTTP_IF_MATCH=…") the header NAME?  Then its value. */
static const char *
entry_value(const char *entry, const char *name)
{
	for (; *name != '\0'; entry++, name++)
		if (*entry != cgi_char(*name))
			return NULL;
	return *entry == '=' ? entry + 1 : NULL;
}

const char *
request_header(const struct request *rq, const char *name)
{
	/* RFC 3875 §4.1: these two are variables of their own. */
	bool bare =
	    str_equal_nocase(name, "Content-Type") || str_equal_nocase(name, "Content-Length");

	if (rq->headers == NULL)
		return NULL;
	for (char *const *at = rq->headers; *at != NULL; at++) {
		const char *entry = *at;
		const char *value;

		if (!bare) {
			if (strncmp(entry, "HTTP_", 5) != 0)
				continue;
			entry += 5;
		}
		value = entry_value(entry, name);
		if (value != NULL)
			return value;
	}
	return NULL;
}

const char *
request_cookie(const struct request *rq, const char *name)
{
	const char *at = request_header(rq, "Cookie");
	size_t name_len = strlen(name);

	while (at != NULL && *at != '\0') {
		size_t len;

		at += strspn(at, " \t;");
		len = strcspn(at, "; \t");
		if (len > name_len && at[name_len] == '=' && memcmp(at, name, name_len) == 0)
			return arena_memdup(rq->arena, at + name_len + 1, len - name_len - 1);
		at += len;
	}
	return NULL;
}

/* RFC 6750 §2.1: 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=" */
static bool
is_b64token(const char *text)
{
	size_t len = strspn(text,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-._~+/");

	return len > 0 && text[len + strspn(text + len, "=")] == '\0';
}

enum err
request_bearer(const struct request *rq, const char **token)
{
	const char *value = request_header(rq, "Authorization");

	*token = NULL;
	if (value == NULL || strncasecmp(value, "Bearer", 6) != 0)
		return ERR_OK;
	value += 6;
	if (*value != ' ' && *value != '\0')
		return ERR_OK; /* another scheme that begins alike */
	value += strspn(value, " ");
	if (!is_b64token(value))
		return ERR_TOKEN_INVALID;
	*token = value;
	return ERR_OK;
}

enum err
request_id_param(const struct request *rq, size_t at, struct id *out)
{
	check(at < REQUEST_PARAMS_MAX && rq->params[at] != NULL);
	return id_parse(rq->params[at], out) == ERR_OK ? ERR_OK : ERR_NOT_FOUND;
}

/*
 * The next entity tag of the list at *AT (RFC 9110 §8.8.3), quotes included; empty at the end and
 * at what is no entity tag.
 */
static struct span
next_tag(const char **at, bool *weak)
{
	const char *start = *at + strspn(*at, " \t,");
	const char *end;

	*weak = strncmp(start, "W/", 2) == 0;
	if (*weak)
		start += 2;
	if (*start != '"')
		return span_of(start, 0);
	end = strchr(start + 1, '"');
	if (end == NULL)
		return span_of(start, 0);
	*at = end + 1;
	return span_of(start, (size_t)(end + 1 - start));
}

static bool
list_names(const char *list, const char *etag, bool weak_too)
{
	size_t len = strlen(etag);
	bool weak;

	if (str_equal(list, "*"))
		return true;
	for (;;) {
		struct span tag = next_tag(&list, &weak);

		if (tag.len == 0)
			return false;
		if ((weak_too || !weak) && tag.len == len && memcmp(tag.data, etag, len) == 0)
			return true;
	}
}

enum err
request_if_match(struct request *rq, const char *etag)
{
	const char *list = request_header(rq, "If-Match");

	if (list == NULL || list_names(list, etag, false))
		return ERR_OK;
	return fault_set(&rq->fault, ERR_PRECONDITION,
	    "Its ETag is %s now; read it again, then repeat with that in If-Match.", etag);
}

bool
request_none_match(const struct request *rq, const char *etag)
{
	const char *list = request_header(rq, "If-None-Match");

	if (list == NULL)
		return false;
	if (strncmp(etag, "W/", 2) == 0)
		etag += 2;
	return list_names(list, etag, true);
}

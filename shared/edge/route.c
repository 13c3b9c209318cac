#include "shared/edge/route.h"

#include <string.h>

#include "shared/base/check.h"
#include "shared/base/macros.h"

#define SEGMENTS_MAX 8 /* more than any pattern has */

static const struct {
	enum method method;
	const char *name;
} method_names[] = {
    {METHOD_GET, "GET"},
    {METHOD_HEAD, "HEAD"},
    {METHOD_POST, "POST"},
    {METHOD_PUT, "PUT"},
    {METHOD_PATCH, "PATCH"},
    {METHOD_DELETE, "DELETE"},
    {METHOD_OPTIONS, "OPTIONS"},
};
#define METHOD_COUNT COUNT_OF(method_names)

enum method
method_parse(const char *name)
{
	for (size_t i = 0; i < METHOD_COUNT; i++)
		if (str_equal(method_names[i].name, name))
			return method_names[i].method;
	return METHOD_OTHER;
}

const char *
method_name(enum method method)
{
	for (size_t i = 0; i < METHOD_COUNT; i++)
		if (method_names[i].method == method)
			return method_names[i].name;
	return "OTHER";
}

char *
method_list(struct arena *arena, unsigned methods)
{
	char text[64] = "";
	size_t len = 0;

	for (size_t i = 0; i < METHOD_COUNT; i++) {
		const char *name = method_names[i].name;

		if ((methods & (unsigned)method_names[i].method) == 0)
			continue;
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "%s%s", len > 0 ? ", " : "", name);
		check(len < sizeof(text));
	}
	return arena_strdup(arena, text);
}

struct segments {
	char *text[SEGMENTS_MAX];
	size_t count;
};

/* Splits at '/' first and decodes after: an encoded slash stays inside its segment. */
static enum err
split_path(struct arena *arena, const char *path, struct segments *out)
{
	out->count = 0;
	if (path[0] != '/')
		return ERR_NOT_FOUND;
	while (*path == '/') {
		size_t len = strcspn(++path, "/");

		if (len == 0 || out->count == SEGMENTS_MAX)
			return ERR_NOT_FOUND;
		switch (percent_decode(arena, path, len, false, &out->text[out->count])) {
		case ERR_OK:
			break;
		case ERR_MEMORY:
			return ERR_MEMORY;
		default:
			return ERR_NOT_FOUND;
		}
		out->count++;
		path += len;
	}
	return ERR_OK;
}

/* Does PATTERN take all the segments?  PARAMS are those of its {…}. */
static bool
matches(const char *pattern, const struct segments *path, const char *params[REQUEST_PARAMS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < path->count; i++) {
		size_t len;

		if (*pattern != '/')
			return false;
		len = strcspn(++pattern, "/");
		if (*pattern == '{') {
			check(count < REQUEST_PARAMS_MAX);
			params[count++] = path->text[i];
		} else if (strlen(path->text[i]) != len ||
		    memcmp(path->text[i], pattern, len) != 0) {
			return false;
		}
		pattern += len;
	}
	return *pattern == '\0';
}

enum err
route_find(const struct route *routes, struct request *rq)
{
	unsigned wanted = rq->method == METHOD_HEAD ? METHOD_GET : rq->method;
	unsigned allowed = 0;
	struct segments path;

	TRY(split_path(rq->arena, rq->path, &path));
	for (const struct route *route = routes; route->pattern != NULL; route++) {
		const char *params[REQUEST_PARAMS_MAX] = {NULL};

		if (!matches(route->pattern, &path, params))
			continue;
		if ((unsigned)route->method == wanted) {
			memcpy(rq->params, params, sizeof(params));
			rq->route = route;
			return ERR_OK;
		}
		allowed |= (unsigned)route->method;
	}
	if (allowed == 0)
		return ERR_NOT_FOUND;
	if ((allowed & METHOD_GET) != 0)
		allowed |= METHOD_HEAD;
	rq->fault.allow = method_list(rq->arena, allowed | METHOD_OPTIONS);
	TRY_ALLOC(rq->fault.allow);
	return rq->method == METHOD_OPTIONS ? ERR_OK : ERR_METHOD;
}

static const char *
access_name(enum access access)
{
	static const char *const names[] = {
	    [ACCESS_PUBLIC] = "public",
	    [ACCESS_OPTIONAL] = "optional",
	    [ACCESS_BEARER] = "bearer",
	    [ACCESS_ADMIN] = "admin",
	    [ACCESS_INTERNAL] = "internal",
	};

	check((size_t)access < COUNT_OF(names));
	return names[access];
}

void
route_print(const struct route *routes, FILE *out)
{
	for (const struct route *route = routes; route->pattern != NULL; route++)
		(void)fprintf(out, "%s %s %s %s\n", method_name(route->method), route->pattern,
		    route->operation_id, access_name(route->access));
}

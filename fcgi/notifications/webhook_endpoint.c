#include "fcgi/notifications/webhook_endpoint.h"

#include "shared/infra/resolver.h"
#include "shared/infra/url.h"

static bool
refuse(enum field_code *code, enum field_code which, const char **detail, const char *why)
{
	*code = which;
	*detail = why;
	return false;
}

bool
webhook_endpoint_fits(const struct webhook_settings *settings, const char *url, struct arena *arena,
    enum field_code *code, const char **detail)
{
	const char *what = NULL;
	struct url parts;

	if (url_parse(url, &parts) != ERR_OK)
		return refuse(code, FIELD_BAD_FORMAT, detail,
		    settings->allow_http ? "It must be an http or https URL."
					 : "It must be an https URL.");
	if (!parts.https && !settings->allow_http)
		return refuse(code, FIELD_NOT_ALLOWED, detail, "It must be an https URL.");
	if (parts.has_user)
		return refuse(code, FIELD_NOT_ALLOWED, detail,
		    "It must hold no user name and no password: every request is signed.");
	if (parts.has_fragment)
		return refuse(
		    code, FIELD_NOT_ALLOWED, detail, "It must have no fragment: none is sent.");
	if (!settings->allow_private && resolver_is_address(parts.host, &what) && what != NULL)
		return refuse(
		    code, FIELD_NOT_ALLOWED, detail, arena_printf(arena, "Its host is %s.", what));
	return true;
}

enum err
webhook_endpoint_check(const struct call *call, const struct webhook_settings *settings,
    struct resolver *resolver, const char *url)
{
	const char *what = NULL;
	struct url parts;

	TRY(url_parse(url, &parts));
	if (settings->allow_private ||
	    resolver_check(resolver, call->deadline, parts.host, &what) != ERR_OK || what == NULL)
		return ERR_OK;
	return fault_field(call->fault, FIELD_IN_BODY, "/url", FIELD_NOT_ALLOWED,
	    "Its host has %s at this moment.", what);
}

#include "shared/infra/url.h"

#include <stddef.h>
#include <string.h>

#include <curl/curl.h>

#include "shared/base/str.h"
#include "shared/infra/curl_scope.h"

static bool
is_visible_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static bool
has_part(CURLU *handle, CURLUPart which)
{
	char *part = NULL;
	bool found = curl_url_get(handle, which, &part, 0) == CURLUE_OK;

	curl_free(part);
	return found;
}

static bool
copy_host(const char *part, char host[URL_HOST_SIZE])
{
	size_t len = strlen(part);

	if (len > 2 && part[0] == '[' && part[len - 1] == ']') {
		part++;
		len -= 2;
	}
	if (len > 1 && part[len - 1] == '.')
		len--;
	if (len == 0 || len >= URL_HOST_SIZE)
		return false;
	for (size_t i = 0; i < len; i++)
		host[i] = (char)(part[i] >= 'A' && part[i] <= 'Z' ? part[i] - 'A' + 'a' : part[i]);
	host[len] = '\0';
	return true;
}

static enum err
read_host(CURLU *handle, char host[URL_HOST_SIZE])
{
	char *part = NULL;
	bool fits;

	if (curl_url_get(handle, CURLUPART_HOST, &part, 0) != CURLUE_OK)
		return ERR_MALFORMED;
	fits = copy_host(part, host);
	curl_free(part);
	return fits ? ERR_OK : ERR_MALFORMED;
}

/* libcurl takes `http:/host` and `http:///host` too, and other schemes. */
static bool
begins_with(const char *text, const char *start)
{
	size_t len = strlen(start);

	return strncasecmp(text, start, len) == 0 && text[len] != '/';
}

enum err
url_parse(const char *text, struct url *out)
{
	auto_curl_url CURLU *handle = curl_url();
	struct url url = {.has_fragment = strchr(text, '#') != NULL};
	CURLUcode code;

	TRY_ALLOC(handle);
	url.https = begins_with(text, "https://");
	if ((!url.https && !begins_with(text, "http://")) || !is_visible_ascii(text))
		return ERR_MALFORMED;
	code = curl_url_set(handle, CURLUPART_URL, text, 0);
	if (code != CURLUE_OK)
		return code == CURLUE_OUT_OF_MEMORY ? ERR_MEMORY : ERR_MALFORMED;
	url.has_user = has_part(handle, CURLUPART_USER) || has_part(handle, CURLUPART_PASSWORD);
	TRY(read_host(handle, url.host));
	*out = url;
	return ERR_OK;
}

/*
 * infra/curl_scope: what libcurl's URL parser hands out, given back at the end of its scope.
 *
 * Layer: infra, private to what uses libcurl.
 */
#ifndef SHARED_INFRA_CURL_SCOPE_H
#define SHARED_INFRA_CURL_SCOPE_H

#include <string.h>

#include <curl/curl.h>

#include "shared/base/cleanup.h"
#include "shared/base/str.h"

static inline void
curl_scope_free_url(CURLU **url)
{
	curl_url_cleanup(*url);
	*url = NULL;
}

/* Wiped first: it may be a password. */
static inline void
curl_scope_free_text(char **text)
{
	if (*text != NULL)
		bytes_wipe(*text, strlen(*text));
	curl_free(*text);
	*text = NULL;
}

#define auto_curl_url  AUTO_OF(curl_scope_free_url)
#define auto_curl_text AUTO_OF(curl_scope_free_text)

#endif

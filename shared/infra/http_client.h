/*
 * infra/http_client: a GET (or POST) of one address through libcurl.
 *
 * Layer: infra.  One client belongs to one thread; its connection is reused.  http and https only,
 * redirects are not followed, the body has a maximum, every call ends by its deadline, no signals.
 */
#ifndef SHARED_INFRA_HTTP_CLIENT_H
#define SHARED_INFRA_HTTP_CLIENT_H

#include <stdint.h>

#include "shared/base/buf.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"

struct http_client;

MUST_USE enum err http_client_new(struct http_client **out);
void http_client_free(struct http_client **client);

struct http_answer {
	int status;
	char etag[128]; /* or "" */
};

/* GET.  IF_NONE_MATCH may be NULL.  BODY is reset first; ERR_MEMORY beyond its max.
 * ERR_UNAVAILABLE: no answer; ERR_DEADLINE. */
MUST_USE enum err http_client_get(struct http_client *client, const struct deadline *deadline,
				  const char *url, const char *if_none_match, struct buf *body,
				  struct http_answer *out);

#endif

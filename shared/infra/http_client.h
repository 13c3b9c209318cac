/*
 * infra/http_client: a GET of one address through libcurl.
 *
 * Layer: infra.  One client belongs to one thread; its connection is reused.  http and https only,
 * redirects are not followed, proxies of the environment are not used, the body has a maximum,
 * every call ends by its deadline, no signals.
 */
#ifndef SHARED_INFRA_HTTP_CLIENT_H
#define SHARED_INFRA_HTTP_CLIENT_H

#include <stdint.h>

#include "shared/base/buf.h"
#include "shared/base/cleanup.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"

struct http_client;

MUST_USE enum err http_client_new(struct http_client **out);
void http_client_free(struct http_client **client);

struct http_answer {
	int status;
	char etag[128]; /* or ""; also when it is longer */
};

/*
 * GET.  IF_NONE_MATCH may be NULL or "".  BODY is reset first.  Any status is an answer.
 * ERR_MEMORY: the body is larger than BODY's maximum.  ERR_UNAVAILABLE: no whole answer, or an
 * address that is none of ours.  ERR_DEADLINE.
 */
MUST_USE enum err http_client_get(struct http_client *client, const struct deadline *deadline,
    const char *url, const char *if_none_match, struct buf *body, struct http_answer *out);

#define auto_http_client AUTO_OF(http_client_free)

#endif

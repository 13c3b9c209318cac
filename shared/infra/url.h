/*
 * infra/url: the parts of an address that somebody gave us to call.
 *
 * Layer: infra.  Taken apart by libcurl, which will call it: two readers of one address could find
 * two hosts in it.  Pure, safe on any thread.
 */
#ifndef SHARED_INFRA_URL_H
#define SHARED_INFRA_URL_H

#include <stdbool.h>

#include "shared/base/err.h"

#define URL_HOST_SIZE 254

struct url {
	bool https;    /* else http */
	bool has_user; /* or a password */
	bool has_fragment;
	char host[URL_HOST_SIZE]; /* lower case; without brackets or the root's dot */
};

/* ERR_MALFORMED: no http or https URL with a host, in visible ASCII.  ERR_MEMORY. */
MUST_USE enum err url_parse(const char *text, struct url *out);

#endif

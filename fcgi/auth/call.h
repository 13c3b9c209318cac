/*
 * auth/call: what a use case needs of the request it serves, without HTTP.
 *
 * Made by handlers; one worker's thread.
 */
#ifndef FCGI_AUTH_CALL_H
#define FCGI_AUTH_CALL_H

#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/clock.h"
#include "shared/base/fault.h"

struct pg;
struct request;

/* Who asks, as sessions and the audit note it. */
struct client {
	const char *address;
	const char *user_agent;
};

struct call {
	struct arena *arena; /* the request's */
	struct pg *pg;       /* the worker's */
	struct deadline deadline;
	struct fault *fault; /* the request's: Retry-After and details go here */
	int64_t now_ms;      /* wall clock at arrival */
	const char *traceparent;
	struct client client;
	const char *network; /* of the client's address, as limits count it; NULL: no memory */
	const char *device_cookie; /* as it came, or NULL (device_cookie.h) */
};

struct call call_of(struct request *rq);

#endif

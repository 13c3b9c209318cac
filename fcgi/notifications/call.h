/*
 * notifications/call: what a use case needs of the request it serves, without HTTP.
 *
 * Made by handlers; one worker's thread.
 */
#ifndef FCGI_NOTIFICATIONS_CALL_H
#define FCGI_NOTIFICATIONS_CALL_H

#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/clock.h"
#include "shared/base/fault.h"
#include "shared/base/id.h"

struct pg;
struct request;

struct call {
	struct arena *arena;             /* the request's */
	struct pg *pg;                   /* the worker's */
	const struct deadline *deadline; /* the request's, as all that follows */
	struct fault *fault;
	const struct id *owner; /* who asks */
	int64_t now_ms;
	const char *traceparent;
};

struct call call_of(struct request *rq);

#endif

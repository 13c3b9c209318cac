/*
 * items/call: what every use case needs to know of the request it serves.
 *
 * Layer: domain.  Filled by a handler, lives as long as the request.
 */
#ifndef FCGI_ITEMS_CALL_H
#define FCGI_ITEMS_CALL_H

#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/clock.h"
#include "shared/base/fault.h"
#include "shared/edge/idempotency.h"
#include "shared/edge/principal.h"

struct call {
	struct arena *arena;
	const struct deadline *deadline;
	const struct principal *principal;     /* NULL where the route is public */
	const struct idempotency *idempotency; /* NULL where the route takes no key */
	const char *traceparent;
	int64_t now_ms;
	struct fault *fault;
};

#endif

/*
 * edge/exchange: one request and its answer, in the steps that service.h names.
 *
 * Layer: edge.  It knows nothing of FastCGI: the CGI variables and the body come from its caller,
 * and what it leaves is the head as text and the body as a span.  One thread at a time.
 */
#ifndef SHARED_EDGE_EXCHANGE_H
#define SHARED_EDGE_EXCHANGE_H

#include "shared/edge/request_body.h"
#include "shared/edge/service.h"

/* What a worker keeps from one exchange to the next. */
struct exchange_room {
	struct arena *arena;
	struct buf body;
	struct buf head;
	struct worker *worker;
};

#define EXCHANGE_RATES_MAX 3 /* by address, by address for the route, by account */

struct exchange_rate {
	struct rate_policy policy;
	struct rate_state state;
};

struct exchange {
	const struct service *service;
	struct exchange_room *room;
	struct request rq;
	struct response rs;
	struct exchange_rate rates[EXCHANGE_RATES_MAX];
	size_t rate_count;
	const char *label; /* operationId, "healthz", …: for logs and metrics */
	bool is_probe;     /* health or metrics: nothing for the log */
	int64_t start_ms;  /* monotonic */
	int64_t start_ns;  /* for tracing */
	enum err result;
	/* What goes out. */
	struct span head;
	struct span body;
	const struct body_feed *feed; /* after body; NULL: that is all */
};

/* ERR_MEMORY.  exchange_room_fini may run twice; the worker is not its business. */
MUST_USE enum err exchange_room_init(struct exchange_room *room, const struct service *service);
void exchange_room_fini(struct exchange_room *room);

/* From ENVP to x->head, x->body and x->feed, which live until exchange_end.  There always is an
 * answer. */
void exchange_run(struct exchange *x, const struct service *service, struct exchange_room *room,
    char *const *envp, const struct body_source *source);
/* Counts and logs the exchange once the answer is out, and resets the room. */
void exchange_end(struct exchange *x);

#endif

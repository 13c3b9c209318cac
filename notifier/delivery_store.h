/*
 * notifier/delivery_store: webhooks' deliveries in PostgreSQL: which are due, how they went.
 *
 * Store: jobs of the channel `webhook`, many at a time.  A struct pg belongs to the calling thread.
 * The server's clock decides what is due.  Errors are pg_run's.
 */
#ifndef NOTIFIER_DELIVERY_STORE_H
#define NOTIFIER_DELIVERY_STORE_H

#include "notifier/job_store.h"
#include "shared/infra/http_poster.h"

struct delivery {            /* leased */
	struct arena *arena; /* where its strings live; the caller's to free */
	struct id id, event_id, webhook_id;
	const char *data;
	const char *traceparent; /* or NULL */
	int64_t attempt;         /* proves the lease */
	int64_t step;            /* attempt of this pass through the schedule, from 1 */
	bool has_webhook;        /* else it was removed meanwhile, and what follows is not set */
	bool active;
	bool failing; /* its last delivery failed */
	const char *url, *secret;
	const char *previous_secret; /* or NULL; signs too */
};

struct delivery_busy { /* what the caller has under way */
	struct id webhook_id;
	int64_t transfers;
};

struct delivery_look {
	int64_t lease_ms;
	int64_t endpoint_max; /* deliveries to one endpoint at the same time */
	const struct delivery_busy *busy;
	size_t busy_count;
	size_t max;     /* of deliveries, at most DELIVERY_LOOK_MAX */
	struct id from; /* in, out: where to go on, as each look is at some endpoints only */
	bool at_end;    /* out: all endpoints were looked at, and FROM is the beginning again */
};

#define DELIVERY_LOOK_MAX 64

/* The look that begins at the first endpoint. */
#define DELIVERY_FROM_START                                                                        \
	{                                                                                          \
		"00000000-0000-0000-0000-000000000000"                                             \
	}

/* Takes what is due, a fair share of each endpoint, into DELIVERIES[0…*COUNT). */
MUST_USE enum err delivery_store_lease(struct pg *pg, const struct deadline *deadline,
    struct delivery_look *look, struct delivery *const *deliveries, size_t *count);

struct delivery_result {
	struct id id, webhook_id;
	int64_t attempt;
	struct attempt outcome;
	int64_t pause_ms;     /* for ATTEMPT_TRY_LATER */
	int64_t status_code;  /* 0: no answer */
	const char *response; /* UTF-8, without NUL; or NULL */
};

/* Records them all, each unless its lease was over.  The data stay, to be sent again. */
MUST_USE enum err delivery_store_record(struct pg *pg, const struct deadline *deadline,
    const struct delivery_result *results, size_t count);

#endif

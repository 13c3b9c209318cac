/*
 * edge/service: what every FastCGI program of the shop has in common: its settings, the path of a
 * request through the edge, and `main` itself.
 *
 * Layer: edge.  A request passes, in this order: id and trace → client address → rate limit by
 * address (but for what our own services ask, ACCESS_INTERNAL) → route (404, 405, OPTIONS/CORS) →
 * token (401) and role (403) → rate limit by account → body (length, type, bytes; 413, 415, 400) →
 * handler → problem or answer → headers (request id, security, cache, CORS, RateLimit) → one write
 * → metrics, one log line → arena reset.
 */
#ifndef SHARED_EDGE_SERVICE_H
#define SHARED_EDGE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/clock.h"
#include "shared/base/config.h"
#include "shared/base/err.h"
#include "shared/edge/health.h"
#include "shared/edge/metrics.h"
#include "shared/edge/principal.h"
#include "shared/edge/program.h"
#include "shared/edge/ratelimit.h"
#include "shared/edge/route.h"

struct service_settings {
	struct program_settings program; /* filled by program_settings_rows */
	int64_t workers;                 /* WORKERS */
	int64_t request_timeout_ms;      /* REQUEST_TIMEOUT, the deadline of one request */
	const char *fcgi_socket;     /* FCGI_SOCKET: unix socket to listen on when fd 0 is none */
	const char *cors_origins;    /* CORS_ALLOWED_ORIGINS: comma-separated, or "*", or "" */
	const char *trusted_proxies; /* TRUSTED_PROXIES: networks */
	const char *exempt_networks; /* RATE_LIMIT_EXEMPT: networks free of limits by address */
	int64_t limit_account;       /* RATE_LIMIT_ACCOUNT: requests a minute */
	int64_t limit_address;       /* RATE_LIMIT_ADDRESS: requests a minute */
};

/* All of struct service_settings but its first member. */
extern const struct config_row service_settings_rows[];

#define SERVICE_POLICIES_MAX 4

struct service {
	const char *name; /* "auth", "items": log member, metric label */
	const struct service_settings *settings;
	const struct clock *clock;
	const struct route *routes;
	const struct health_check *checks;
	struct authenticator authenticator;
	struct metrics *metrics;     /* made by service_init */
	struct ratelimit *ratelimit; /* made by service_init */
	/* Extra limits named by routes (rate_limit), by address; ended by a NULL name. */
	struct rate_policy policies[SERVICE_POLICIES_MAX + 1];
	/*
	 * Counts a request of KEY under one of those where pods share the count.  NULL: each pod
	 * counts for itself, in memory.  Errors become the answer's: ERR_UNAVAILABLE, ERR_DEADLINE.
	 */
	enum err (*take_shared)(struct worker *worker, const struct deadline *deadline,
	    const struct rate_policy *policy, const char *key, struct rate_state *out);
	size_t arena_bytes;    /* cap of a request's arena */
	size_t response_bytes; /* cap of a JSON body */
	const struct app *app;
	/* Makes and ends what one worker thread owns.  A store that is away is no failure here: the
	 * worker connects when it needs to.  Called on the worker's own thread. */
	enum err (*worker_new)(const struct app *app, struct worker **out);
	void (*worker_free)(struct worker **worker);
	/* Appends program-specific metrics just before they are printed; may be NULL. */
	void (*collect)(const struct app *app);
};

/* Zero arena_bytes and response_bytes become their defaults, 4 MiB.  ERR_MEMORY. */
MUST_USE enum err service_init(struct service *service);
void service_fini(struct service *service);

/*
 * Serves until SIGTERM or SIGINT: N worker threads accept, the calling thread waits for the signal,
 * stops listening, and joins the workers within SHUTDOWN_TIMEOUT.  The socket is descriptor 0 when
 * that listens (lighttpd gave it), else FCGI_SOCKET, made here with mode 0660.  Blocks the signals
 * in the calling thread first, so that threads started later inherit the mask; start background
 * threads after service_block_signals.  When the timeout passes with work unfinished it does not
 * return: threads still use what the caller would free, so the process ends at once, with status
 * 69.  ERR_CONFIG without a socket; the error of a worker_new that failed.
 */
void service_block_signals(void);
MUST_USE enum err service_run(const struct service *service);

#endif

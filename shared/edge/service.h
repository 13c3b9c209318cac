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
	struct metrics *metrics;     /* made by service_main */
	struct ratelimit *ratelimit; /* made by service_main */
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
	struct app *app;       /* fixed once it is started */
	/* Starts what stands beside the workers, and completes SERVICE by what it needs of that.
	 * STOP ends it, after a failed start as well.  Either may be NULL. */
	enum err (*start)(struct app *app, struct service *service);
	void (*stop)(struct app *app);
	/* What one worker thread owns: of WORKER_BYTES, zeroed; made and ended on that thread,
	 * ended after a failure too.  A store that is away is none: the worker connects when it
	 * needs to.  WORKER_BYTES 0: it owns nothing. */
	size_t worker_bytes;
	enum err (*worker_init)(const struct app *app, struct worker *worker);
	void (*worker_fini)(struct worker *worker);
	/* Appends program-specific metrics just before they are printed; may be NULL. */
	void (*collect)(const struct app *app);
};

/*
 * Starts, and serves until SIGTERM or SIGINT: N worker threads accept, the calling thread waits for
 * the signal, stops listening, and joins the workers within SHUTDOWN_TIMEOUT.  The socket is
 * descriptor 0 when that listens (lighttpd gave it), else FCGI_SOCKET, made here with mode 0660.
 * When the timeout passes with work unfinished it does not return: threads still use what would be
 * freed, so the process ends at once, with status 69.  Zero arena_bytes and response_bytes become
 * their defaults, 4 MiB.  Returns the exit status of the process: CONFIG_EXIT without a socket;
 * else that of what could not start.
 */
int service_main(struct service *service);

#endif

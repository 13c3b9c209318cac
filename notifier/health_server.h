/*
 * notifier/health_server: /healthz, /readyz and /metrics over HTTP, by libmicrohttpd.
 *
 * One thread of the library's own answers, so that what it looks at needs no lock.  No other path,
 * no method but GET and HEAD.
 */
#ifndef NOTIFIER_HEALTH_SERVER_H
#define NOTIFIER_HEALTH_SERVER_H

#include "shared/base/err.h"

struct app;
struct health_server;

/* Listens on HEALTH_ADDRESS.  ERR_CONFIG: no address, or it is taken. */
MUST_USE enum err health_server_start(const struct app *app, struct health_server **out);
void health_server_stop(struct health_server **server);
/* For --check: as /readyz, on standard output, but with a connection to the broker of its own.
 * ERR_UNAVAILABLE. */
MUST_USE enum err health_server_check(const struct app *app);

#endif

/* notifications.fcgi: webhooks and what was sent.  Here is the wiring alone. */
#include <stdlib.h>

#include "fcgi/notifications/app.h"
#include "fcgi/notifications/commands.h"
#include "fcgi/notifications/readiness.h"
#include "fcgi/notifications/routes.h"
#include "shared/base/log.h"
#include "shared/edge/verifier.h"
#include "shared/infra/pg.h"
#include "shared/infra/resolver.h"

static void
worker_free(struct worker **worker)
{
	if (*worker == NULL)
		return;
	pg_free(&(*worker)->pg);
	free(*worker);
	*worker = NULL;
}

static enum err
worker_new(const struct app *app, struct worker **out)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	enum err err;

	TRY_ALLOC(worker);
	err = pg_new(app->settings->database.url, app->settings->service.request_timeout_ms,
	    app->clock, &worker->pg);
	if (err != ERR_OK)
		worker_free(&worker);
	else
		*out = worker;
	return err;
}

static enum err
start(struct app *app)
{
	TRY(resolver_new(&app->resolver));
	TRY(verifier_new(&app->settings->verifier, app->clock, &app->verifier));
	return verifier_start(app->verifier);
}

static void
stop(struct app *app)
{
	verifier_free(&app->verifier);
	resolver_free(&app->resolver);
}

static void
collect(const struct app *app)
{
	verifier_collect(app->verifier, app->metrics);
}

static int
serve(void *context)
{
	const struct notifications_settings *settings = context;
	struct app app = {.settings = settings, .clock = &clock_system};
	struct service service = {
	    .name = "notifications",
	    .settings = &settings->service,
	    .clock = &clock_system,
	    .routes = notifications_routes,
	    .checks = notifications_checks,
	    .app = &app,
	    .worker_new = worker_new,
	    .worker_free = worker_free,
	    .collect = collect,
	};
	enum err err;

	service_block_signals();
	err = service_init(&service);
	if (err == ERR_OK) {
		app.metrics = service.metrics;
		err = start(&app);
	}
	if (err == ERR_OK) {
		service.authenticator = verifier_authenticator(app.verifier);
		err = service_run(&service);
	}
	stop(&app);
	service_fini(&service);
	if (err != ERR_OK)
		log_error("notifications ends", LOG_ERR(err));
	return program_exit_status(err);
}

int
main(int argc, char **argv)
{
	struct notifications_settings settings = {.webhook = {.allow_http = false}};

	return program_main(argc, argv, "notifications", notifications_tables, &settings,
	    notifications_commands, notifications_routes, serve);
}

/* notifications.fcgi: webhooks and what was sent.  Here is the wiring alone. */
#include "fcgi/notifications/app.h"
#include "fcgi/notifications/commands.h"
#include "fcgi/notifications/readiness.h"
#include "fcgi/notifications/routes.h"
#include "shared/edge/verifier.h"
#include "shared/infra/pg.h"
#include "shared/infra/resolver.h"

static enum err
worker_init(const struct app *app, struct worker *worker)
{
	return pg_new(app->settings->database.url, app->settings->service.request_timeout_ms,
	    app->clock, &worker->pg);
}

static void
worker_fini(struct worker *worker)
{
	pg_free(&worker->pg);
}

static enum err
start(struct app *app, struct service *service)
{
	app->metrics = service->metrics;
	TRY(resolver_new(&app->resolver));
	TRY(verifier_new(&app->settings->verifier, app->clock, &app->verifier));
	service->authenticator = verifier_authenticator(app->verifier);
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
	    .start = start,
	    .stop = stop,
	    .worker_bytes = sizeof(struct worker),
	    .worker_init = worker_init,
	    .worker_fini = worker_fini,
	    .collect = collect,
	};

	return service_main(&service);
}

int
main(int argc, char **argv)
{
	struct notifications_settings settings = {.webhook = {.allow_http = false}};

	return program_main(argc, argv, "notifications", notifications_tables, &settings,
	    notifications_commands, notifications_routes, serve);
}

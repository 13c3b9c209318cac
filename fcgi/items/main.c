/* items.fcgi: the catalogue and the orders.  Here is the wiring alone. */
#include "fcgi/items/account_events.h"
#include "fcgi/items/app.h"
#include "fcgi/items/census.h"
#include "fcgi/items/commands.h"
#include "fcgi/items/items_metrics.h"
#include "fcgi/items/items_outbox.h"
#include "fcgi/items/readiness.h"
#include "fcgi/items/routes.h"
#include "fcgi/items/sweeper.h"
#include "shared/edge/verifier.h"
#include "shared/infra/outbox.h"

#define FLUSH_MS       5000
#define SOLD_QUEUE_MAX 4096

static enum err
worker_init(const struct app *app, struct worker *worker)
{
	TRY(mongo_open(app->pool, &worker->mongo));
	buf_init(&worker->categories.body, CATEGORIES_MAX_BYTES);
	shop_init(&worker->mongo, &worker->shop);
	worker->shop.sold = app->sold;
	worker->shop.outbox = app->outbox;
	worker->shop.reservation_ttl_ms = app->settings->reservation_ttl_ms;
	worker->shop.low_stock = app->settings->low_stock;
	return ERR_OK;
}

static void
worker_fini(struct worker *worker)
{
	buf_fini(&worker->categories.body);
	shop_fini(&worker->shop);
	mongo_close(&worker->mongo);
}

static enum err
start(struct app *app, struct service *service)
{
	const struct items_settings *settings = app->settings;
	struct account_events_settings accounts;
	struct sweeper_settings sweeper;
	struct outbox_source source;

	app->metrics = service->metrics;
	TRY(mongo_pool_new(settings->mongodb_uri, settings->mongodb_database,
	    settings->service.request_timeout_ms, "items", &app->pool));
	TRY(verifier_new(&settings->verifier, app->clock, &app->verifier));
	service->authenticator = verifier_authenticator(app->verifier);
	TRY(verifier_start(app->verifier));
	TRY(settle_queue_new(SOLD_QUEUE_MAX, &app->sold));
	sweeper = (struct sweeper_settings){
	    .pool = app->pool,
	    .clock = app->clock,
	    .sold = app->sold,
	    .reservation_ttl_ms = settings->reservation_ttl_ms,
	    .low_stock = settings->low_stock,
	};
	TRY(sweeper_start(&sweeper, &app->sweeper));
	TRY(census_start(app->pool, app->clock, &app->census));
	TRY(items_outbox_new(app->pool, app->clock, &app->events));
	source = items_outbox_source(app->events);
	TRY(outbox_start(&source, settings->broker.url, "items", app->clock, &app->outbox));
	accounts = (struct account_events_settings){
	    .pool = app->pool,
	    .amqp_url = settings->broker.url,
	    .clock = app->clock,
	    .outbox = app->outbox,
	    .low_stock = settings->low_stock,
	};
	return account_events_start(&accounts, &app->accounts);
}

static void
stop(struct app *app)
{
	account_events_stop(&app->accounts);
	census_stop(&app->census);
	sweeper_stop(&app->sweeper);
	outbox_stop(&app->outbox, FLUSH_MS);
	items_outbox_free(&app->events);
	settle_queue_free(&app->sold);
	verifier_free(&app->verifier);
	mongo_pool_free(&app->pool);
}

static int
serve(void *context)
{
	const struct items_settings *settings = context;
	struct app app = {.settings = settings, .clock = &clock_system};
	struct service service = {
	    .name = "items",
	    .settings = &settings->service,
	    .clock = &clock_system,
	    .routes = items_routes,
	    .checks = items_checks,
	    .app = &app,
	    .start = start,
	    .stop = stop,
	    .worker_bytes = sizeof(struct worker),
	    .worker_init = worker_init,
	    .worker_fini = worker_fini,
	    .collect = items_metrics_collect,
	};

	return service_main(&service);
}

int
main(int argc, char **argv)
{
	struct items_settings settings = {.mongodb_uri = NULL};

	return program_main(
	    argc, argv, "items", items_tables, &settings, items_commands, items_routes, serve);
}

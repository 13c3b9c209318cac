/* auth.fcgi: accounts, sessions and tokens.  Here is the wiring alone. */
#include <unistd.h>

#include "fcgi/auth/access_token.h"
#include "fcgi/auth/app.h"
#include "fcgi/auth/auth_metrics.h"
#include "fcgi/auth/commands.h"
#include "fcgi/auth/derived_keys.h"
#include "fcgi/auth/housekeeper.h"
#include "fcgi/auth/keyring.h"
#include "fcgi/auth/link_courier.h"
#include "fcgi/auth/passwords.h"
#include "fcgi/auth/rate_store.h"
#include "fcgi/auth/readiness.h"
#include "fcgi/auth/routes.h"
#include "fcgi/auth/totp.h"
#include "shared/infra/outbox.h"
#include "shared/infra/pg.h"
#include "shared/infra/pg_outbox.h"

#define FLUSH_MS 5000

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
take_shared(struct worker *worker, const struct deadline *deadline,
    const struct rate_policy *policy, const char *key, struct rate_state *out)
{
	return rate_store_take(worker->pg, deadline, policy, key, out);
}

static enum err
start_passwords(struct app *app)
{
	const struct auth_settings *settings = app->settings;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t workers = (size_t)settings->service.workers;
	struct passwords_settings passwords = {
	    .pepper = settings->pepper,
	    .pepper_old = settings->pepper_old,
	    .cost = settings->bcrypt_cost,
	    .hasher =
		{
		    .threads = settings->bcrypt_concurrency > 0
			? (size_t)settings->bcrypt_concurrency
			: cores > 0 ? (size_t)cores
				    : 1,
		    /* Two workers are never at a hash, so that tokens are validated meanwhile. */
		    .callers_max = workers > 3 ? workers - 2 : 1,
		    .wait_max_ms = settings->bcrypt_wait_ms,
		    .cost = settings->bcrypt_cost,
		},
	};

	return passwords_new(&passwords, app->metrics, &app->passwords);
}

static enum err
start(struct app *app, struct service *service)
{
	const struct auth_settings *settings = app->settings;
	struct outbox_source source;

	app->metrics = service->metrics;
	TRY(keyring_new(settings->jwt_keys_dir, settings->key_publish_delay_s * 1000, app->clock,
	    &app->keyring));
	TRY(totp_init());
	TRY(start_passwords(app));
	TRY(pg_outbox_new(settings->database.url, "auth_outbox", app->clock, &app->events));
	source = pg_outbox_source(app->events);
	TRY(outbox_start(&source, settings->broker.url, "auth", app->clock, &app->outbox));
	TRY(link_courier_start(settings->database.url, app->clock, &app->link_courier));
	return housekeeper_start(
	    settings->database.url, settings->access_ttl_s, app->clock, &app->housekeeper);
}

static void
stop(struct app *app)
{
	housekeeper_stop(&app->housekeeper);
	link_courier_stop(&app->link_courier);
	outbox_stop(&app->outbox, FLUSH_MS);
	pg_outbox_free(&app->events);
	passwords_free(&app->passwords);
	keyring_free(&app->keyring);
}

static int
serve(void *context)
{
	const struct auth_settings *settings = context;
	struct derived_keys keys;
	struct app app = {.settings = settings, .clock = &clock_system, .derived_keys = &keys};
	struct service service = {
	    .name = "auth",
	    .settings = &settings->service,
	    .clock = &clock_system,
	    .routes = auth_routes,
	    .checks = auth_checks,
	    .authenticator = access_token_authenticator(&app),
	    .policies = {{"register", settings->limit_register, 3600},
		{"login", settings->limit_login, 60}, {"forgot", settings->limit_forgot, 3600}},
	    .take_shared = take_shared,
	    .app = &app,
	    .start = start,
	    .stop = stop,
	    .worker_bytes = sizeof(struct worker),
	    .worker_init = worker_init,
	    .worker_fini = worker_fini,
	    .collect = auth_metrics_collect,
	};
	int status;

	derived_keys_init(&keys, settings->pepper, settings->pepper_old);
	status = service_main(&service);
	derived_keys_fini(&keys);
	return status;
}

int
main(int argc, char **argv)
{
	struct auth_settings settings = {.jwt_keys_dir = NULL};

	return program_main(
	    argc, argv, "auth", auth_tables, &settings, auth_commands, auth_routes, serve);
}

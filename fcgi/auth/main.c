/* auth.fcgi: accounts, sessions and tokens.  Here is the wiring alone. */
#include <stdlib.h>
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
#include "shared/base/log.h"
#include "shared/infra/outbox.h"
#include "shared/infra/pg.h"
#include "shared/infra/pg_outbox.h"

#define FLUSH_MS 5000

/* What runs beside the workers. */
struct background {
	struct pg_outbox *outbox;
	struct housekeeper *housekeeper;
	struct link_courier *link_courier;
	struct derived_keys derived_keys;
};

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
start(struct app *app, struct background *background)
{
	const struct auth_settings *settings = app->settings;
	struct outbox_source source;

	TRY(keyring_new(settings->jwt_keys_dir, settings->key_publish_delay_s * 1000, app->clock,
	    &app->keyring));
	TRY(totp_init());
	TRY(start_passwords(app));
	derived_keys_init(&background->derived_keys, settings->pepper, settings->pepper_old);
	app->derived_keys = &background->derived_keys;
	TRY(pg_outbox_new(settings->database.url, "auth_outbox", app->clock, &background->outbox));
	source = pg_outbox_source(background->outbox);
	TRY(outbox_start(&source, settings->broker.url, "auth", app->clock, &app->outbox));
	TRY(link_courier_start(settings->database.url, app->clock, &background->link_courier));
	return housekeeper_start(
	    settings->database.url, settings->access_ttl_s, app->clock, &background->housekeeper);
}

static void
stop(struct app *app, struct background *background)
{
	housekeeper_stop(&background->housekeeper);
	link_courier_stop(&background->link_courier);
	outbox_stop(&app->outbox, FLUSH_MS);
	pg_outbox_free(&background->outbox);
	passwords_free(&app->passwords);
	derived_keys_fini(&background->derived_keys);
	keyring_free(&app->keyring);
}

static int
serve(void *context)
{
	const struct auth_settings *settings = context;
	struct app app = {.settings = settings, .clock = &clock_system};
	struct background background = {.housekeeper = NULL};
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
	    .worker_new = worker_new,
	    .worker_free = worker_free,
	    .collect = auth_metrics_collect,
	};
	enum err err;

	service_block_signals();
	err = service_init(&service);
	if (err == ERR_OK) {
		app.metrics = service.metrics;
		err = start(&app, &background);
	}
	if (err == ERR_OK)
		err = service_run(&service);
	stop(&app, &background);
	service_fini(&service);
	if (err != ERR_OK)
		log_error("auth ends", LOG_ERR(err));
	return program_exit_status(err);
}

int
main(int argc, char **argv)
{
	struct auth_settings settings = {.jwt_keys_dir = NULL};

	return program_main(
	    argc, argv, "auth", auth_tables, &settings, auth_commands, auth_routes, serve);
}

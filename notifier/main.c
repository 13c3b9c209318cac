/*
 * notifier: takes events from RabbitMQ, turns them into jobs in PostgreSQL, and delivers those.
 *
 * Threads: main waits for a signal; a consumer for each queue; WORKERS that send mails; one that
 * calls webhooks; the relay of the notifier's own events; one of libmicrohttpd's for health and
 * metrics.
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "notifier/app.h"
#include "notifier/consume.h"
#include "notifier/dead_command.h"
#include "notifier/deliver_webhook.h"
#include "notifier/health_server.h"
#include "notifier/intake.h"
#include "notifier/jobs.h"
#include "notifier/queues.h"
#include "shared/base/log.h"
#include "shared/edge/metrics.h"
#include "shared/edge/program.h"
#include "shared/infra/outbox.h"
#include "shared/infra/pg.h"
#include "shared/infra/pg_outbox.h"

#define FLUSH_MS 2000

extern const struct migration notifier_migrations[];

/* Everything but the threads.  ERR_CONFIG: said on standard error. */
static enum err
app_init(struct app *app, const struct notifier_settings *settings)
{
	app->settings = settings;
	app->clock = &clock_system;
	if (mail_sender_parse(settings->mail_from, &app->sender) != ERR_OK) {
		(void)fputs("MAIL_FROM: not `Name <address>`\n", stderr);
		return ERR_CONFIG;
	}
	TRY(metrics_new(&app->metrics));
	TRY(intake_new(NOTIFIER_QUEUES, &app->intake));
	return wake_new(&app->wake);
}

static void
app_fini(struct app *app)
{
	metrics_free(&app->metrics);
	wake_free(&app->wake);
	intake_free(&app->intake);
}

struct running {
	struct pg_outbox *pg_outbox;
	struct health_server *health;
	struct jobs *jobs;
	struct deliverer *deliverer;
	struct consumers *consumers;
};

static enum err
start_relay(struct app *app, struct running *running)
{
	struct outbox_source source;

	TRY(pg_outbox_new(
	    app->settings->database.url, "notifier_outbox", app->clock, &running->pg_outbox));
	source = pg_outbox_source(running->pg_outbox);
	return outbox_start(
	    &source, app->settings->broker.url, "notifier.outbox", app->clock, &app->outbox);
}

static enum err
start_all(struct app *app, struct running *running)
{
	TRY(start_relay(app, running));
	TRY(health_server_start(app, &running->health));
	TRY(jobs_start(app, &running->jobs));
	TRY(deliverer_start(app, &running->deliverer));
	return consumers_start(app, &running->consumers);
}

/* Consumers end before workers, so that what was taken last is still delivered. */
static enum err
serve_until_signal(struct app *app)
{
	struct running running = {.health = NULL};
	struct deadline deadline;
	enum err err = start_all(app, &running);

	if (err == ERR_OK) {
		log_info("ready", LOG_INT("workers", app->settings->workers));
		program_await_signal();
	}
	wake_stop(app->wake);
	deadline = deadline_in(app->clock, app->settings->program.shutdown_timeout_s * 1000);
	if (consumers_join(&running.consumers, &deadline) != ERR_OK ||
	    jobs_join(&running.jobs, &deadline) != ERR_OK ||
	    deliverer_join(&running.deliverer, &deadline) != ERR_OK) {
		log_error("some work did not finish in time",
		    LOG_INT("timeout_s", app->settings->program.shutdown_timeout_s));
		/* Threads still use what everything points to. */
		_exit(EXIT_FAILURE);
	}
	health_server_stop(&running.health);
	outbox_stop(&app->outbox, FLUSH_MS);
	pg_outbox_free(&running.pg_outbox);
	return err;
}

static int
serve(void *settings)
{
	struct app app = {0};
	enum err err;

	(void)signal(SIGPIPE, SIG_IGN);
	err = app_init(&app, settings);
	if (err == ERR_OK)
		err = serve_until_signal(&app);
	app_fini(&app);
	return program_exit_status(err);
}

static int
check_connections(void *settings, const char *argument)
{
	struct app app = {0};
	enum err err = app_init(&app, settings);

	(void)argument;
	if (err == ERR_OK)
		err = health_server_check(&app);
	app_fini(&app);
	return program_exit_status(err);
}

static enum err
migrate(const struct notifier_settings *settings)
{
	TRY(pg_settings_migrate(&settings->database, notifier_migrations));
	if (settings->database_api_role[0] == '\0')
		return ERR_OK;
	return pg_settings_grant(&settings->database, "api_grants", settings->database_api_role);
}

static int
run_migrate(void *settings, const char *argument)
{
	(void)argument;
	return program_exit_status(migrate(settings));
}

int
main(int argc, char **argv)
{
	static const struct command commands[] = {
	    {.flag = "--migrate",
		.text = "bring the database's schema up to date",
		.run = run_migrate},
	    {.flag = DEAD_COMMAND_FLAG,
		.argument = DEAD_COMMAND_ARGUMENT,
		.text = "list, send again or delete what was given up; --all: all of it",
		.run = dead_command_run},
	    {.flag = "--check",
		.text = "test the settings and the connections",
		.run = check_connections},
	    {.flag = NULL},
	};
	struct notifier_settings settings = {0};

	/* libcurl reads mail addresses in the locale's letters. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	return program_main(
	    argc, argv, "notifier", notifier_tables, &settings, commands, NULL, serve);
}

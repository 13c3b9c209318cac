/*
 * notifier: takes events from RabbitMQ, turns them into jobs in PostgreSQL, and delivers those.
 *
 * Threads: main waits for a signal; a consumer for each queue; WORKERS that deliver; one of
 * libmicrohttpd's for health and metrics.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "notifier/app.h"
#include "notifier/consume.h"
#include "notifier/health_server.h"
#include "notifier/intake.h"
#include "notifier/jobs.h"
#include "shared/base/log.h"
#include "shared/edge/metrics.h"
#include "shared/edge/program.h"
#include "shared/infra/pg.h"

extern const struct migration notifier_migrations[];

static void
signals(sigset_t *out)
{
	sigemptyset(out);
	sigaddset(out, SIGTERM);
	sigaddset(out, SIGINT);
}

static void
wait_for_signal(void)
{
	sigset_t awaited;
	int number = 0;

	signals(&awaited);
	while (sigwait(&awaited, &number) != 0)
		;
	log_info("stopping", LOG_INT("signal", number));
}

static void
block_signals(void)
{
	sigset_t awaited;

	signals(&awaited);
	(void)pthread_sigmask(SIG_BLOCK, &awaited, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

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
	TRY(intake_new(CONSUMER_QUEUES, &app->intake));
	return wake_new(&app->wake);
}

static void
app_fini(struct app *app)
{
	metrics_free(&app->metrics);
	wake_free(&app->wake);
	intake_free(&app->intake);
}

/* Consumers end before workers, so that what was taken last is still delivered. */
static enum err
serve_until_signal(const struct app *app)
{
	struct health_server *health = NULL;
	struct consumers *consumers = NULL;
	struct jobs *jobs = NULL;
	struct deadline deadline;
	enum err err = health_server_start(app, &health);

	if (err == ERR_OK)
		err = jobs_start(app, &jobs);
	if (err == ERR_OK)
		err = consumers_start(app, &consumers);
	if (err == ERR_OK) {
		log_info("ready", LOG_INT("workers", app->settings->workers));
		wait_for_signal();
	}
	wake_stop(app->wake);
	deadline = deadline_in(app->clock, app->settings->program.shutdown_timeout_s * 1000);
	if (consumers_join(&consumers, &deadline) != ERR_OK ||
	    jobs_join(&jobs, &deadline) != ERR_OK) {
		log_error("some work did not finish in time",
		    LOG_INT("timeout_s", app->settings->program.shutdown_timeout_s));
		/* Threads still use what everything points to. */
		_exit(EXIT_FAILURE);
	}
	health_server_stop(&health);
	return err;
}

static int
serve(void *settings)
{
	struct app app = {0};
	enum err err;

	block_signals();
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

static int
run_migrate(void *settings, const char *argument)
{
	const struct notifier_settings *own = settings;

	(void)argument;
	return program_exit_status(pg_settings_migrate(&own->database, notifier_migrations));
}

int
main(int argc, char **argv)
{
	static const struct command commands[] = {
	    {.flag = "--migrate",
		.text = "bring the database's schema up to date",
		.run = run_migrate},
	    {.flag = "--check",
		.text = "test the settings and the connections",
		.run = check_connections},
	    {.flag = NULL},
	};
	struct notifier_settings settings = {0};

	return program_main(
	    argc, argv, "notifier", notifier_tables, &settings, commands, NULL, serve);
}

#include "fcgi/auth/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "fcgi/auth/email_address.h"
#include "fcgi/auth/keyring.h"
#include "fcgi/auth/settings.h"
#include "fcgi/auth/user_store.h"
#include "shared/base/log.h"
#include "shared/infra/amqp.h"
#include "shared/infra/pg.h"

#define COMMAND_MS  10000
#define ARENA_BYTES ((size_t)64 * 1024)

extern const struct migration auth_migrations[];

#define auto_pg      AUTO_OF(pg_free)
#define auto_amqp    AUTO_OF(amqp_free)
#define auto_keyring AUTO_OF(keyring_free)

static int
exit_status(enum err err)
{
	if (err == ERR_OK)
		return EXIT_SUCCESS;
	return err == ERR_CONFIG     ? CONFIG_EXIT
	    : err_status(err) == 503 ? EX_UNAVAILABLE
				     : EXIT_FAILURE;
}

/* Whom to grant to: who is named, or whoever serves, unless that is the owner. */
static enum err
find_app_role(const struct auth_settings *settings, char out[PG_ROLE_SIZE])
{
	if (settings->database_app_role[0] != '\0') {
		(void)snprintf(out, PG_ROLE_SIZE, "%s", settings->database_app_role);
		return ERR_OK;
	}
	out[0] = '\0';
	return settings->database_owner_url[0] != '\0' ? pg_url_role(settings->database_url, out)
						       : ERR_OK;
}

static enum err
migrate(const struct auth_settings *settings)
{
	const char *url = settings->database_owner_url[0] != '\0' ? settings->database_owner_url
								  : settings->database_url;
	auto_pg struct pg *pg = NULL;
	char role[PG_ROLE_SIZE];

	TRY(find_app_role(settings, role));
	TRY(pg_new(url, 0, &clock_system, &pg));
	TRY(pg_migrate(pg, auth_migrations, role));
	log_info("the database is up to date", LOG_TEXT("granted_to", role));
	return ERR_OK;
}

static int
run_migrate(void *settings, const char *argument)
{
	(void)argument;
	return exit_status(migrate(settings));
}

static enum err
check_database(const struct auth_settings *settings)
{
	static const struct pg_statement statement = {
	    "check", "SELECT coalesce(max(version), 0) FROM schema_migrations"};
	struct deadline deadline = deadline_in(&clock_system, COMMAND_MS);
	auto_pg struct pg *pg = NULL;
	auto_pg_result struct pg_result *rows = NULL;
	int latest = 0;

	for (const struct migration *migration = auth_migrations; migration->version != 0;
	     migration++)
		latest = migration->version;
	TRY(pg_new(settings->database_url, COMMAND_MS, &clock_system, &pg));
	TRY(pg_run(pg, &deadline, &statement, NULL, 0, &rows));
	if (pg_int(rows, 0, 0) >= latest)
		return ERR_OK;
	log_error("the database's schema is old: run --migrate", LOG_INT("has", pg_int(rows, 0, 0)),
	    LOG_INT("needs", latest));
	return ERR_CONFIG;
}

static enum err
check_broker(const struct auth_settings *settings)
{
	struct deadline deadline = deadline_in(&clock_system, COMMAND_MS);
	auto_amqp struct amqp *amqp = NULL;

	TRY(amqp_new(settings->amqp_url, "auth --check", &clock_system, &amqp));
	return amqp_ping(amqp, &deadline);
}

static enum err
check_keys(const struct auth_settings *settings)
{
	auto_keyring struct keyring *keyring = NULL;

	return keyring_new(settings->jwt_keys_dir, 0, &clock_system, &keyring);
}

/* All are tried, so that all faults are seen at once. */
static int
run_check(void *context, const char *argument)
{
	static const struct {
		const char *what;
		enum err (*run)(const struct auth_settings *settings);
	} checks[] = {
	    {"PostgreSQL", check_database}, {"RabbitMQ", check_broker}, {"keys", check_keys}};
	enum err worst = ERR_OK;

	(void)argument;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		enum err err = checks[i].run(context);

		(void)printf("%s: %s\n", checks[i].what, err == ERR_OK ? "ok" : err_name(err));
		worst = err != ERR_OK ? err : worst;
	}
	return exit_status(worst);
}

static enum err
make_admin(const struct auth_settings *settings, const char *email)
{
	struct deadline deadline = deadline_in(&clock_system, COMMAND_MS);
	auto_arena struct arena *arena = NULL;
	auto_pg struct pg *pg = NULL;
	struct id audit_id;
	const char *key;

	TRY(arena_new(ARENA_BYTES, &arena));
	TRY(email_address_key(arena, email, &key));
	TRY(pg_new(settings->database_url, COMMAND_MS, &clock_system, &pg));
	id_new(clock_now_ms(&clock_system), &audit_id);
	return user_store_make_admin(pg, &deadline, key, &audit_id);
}

static int
run_admin(void *settings, const char *email)
{
	enum err err = make_admin(settings, email);

	if (err == ERR_NOT_FOUND)
		(void)fprintf(stderr, "There is no account of %s: register it first.\n", email);
	else if (err != ERR_OK)
		(void)fprintf(
		    stderr, "%s was not made an administrator: %s.\n", email, err_name(err));
	else
		(void)printf(
		    "%s is an administrator, from the next sign-in or refresh on.\n", email);
	return exit_status(err);
}

const struct command auth_commands[] = {
    {"--migrate", NULL, "bring the database's schema up to date and exit", run_migrate},
    {"--check", NULL, "test settings and connections and exit", run_check},
    {"--admin", "EMAIL", "make an account an administrator and exit", run_admin},
    {NULL, NULL, NULL, NULL},
};

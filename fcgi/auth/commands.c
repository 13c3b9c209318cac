#include "fcgi/auth/commands.h"

#include <stdio.h>

#include "fcgi/auth/email_address.h"
#include "fcgi/auth/keyring.h"
#include "fcgi/auth/settings.h"
#include "fcgi/auth/user_store.h"
#include "shared/infra/pg.h"

#define COMMAND_MS  10000
#define ARENA_BYTES ((size_t)64 * 1024)

extern const struct migration auth_migrations[];

#define auto_pg      AUTO_OF(pg_free)
#define auto_keyring AUTO_OF(keyring_free)

static int
run_migrate(void *settings, const char *argument)
{
	const struct auth_settings *own = settings;

	(void)argument;
	return program_exit_status(pg_settings_migrate(&own->database, auth_migrations));
}

static enum err
check_database(const void *settings)
{
	const struct auth_settings *own = settings;

	return pg_settings_check(&own->database, auth_migrations);
}

static enum err
check_broker(const void *settings)
{
	const struct auth_settings *own = settings;

	return amqp_settings_check(&own->broker, "auth --check");
}

static enum err
check_keys(const void *settings)
{
	const struct auth_settings *own = settings;
	auto_keyring struct keyring *keyring = NULL;

	return keyring_new(own->jwt_keys_dir, 0, &clock_system, &keyring);
}

static int
run_check(void *settings, const char *argument)
{
	static const struct program_check checks[] = {
	    {"PostgreSQL", check_database},
	    {"RabbitMQ", check_broker},
	    {"keys", check_keys},
	    {NULL, NULL},
	};

	(void)argument;
	return program_run_checks(checks, settings);
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
	TRY(pg_new(settings->database.url, COMMAND_MS, &clock_system, &pg));
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
	return program_exit_status(err);
}

const struct command auth_commands[] = {
    {"--migrate", NULL, "bring the database's schema up to date and exit", run_migrate},
    {"--check", NULL, "test settings and connections and exit", run_check},
    {"--admin", "EMAIL", "make an account an administrator and exit", run_admin},
    {NULL, NULL, NULL, NULL},
};

#include "fcgi/notifications/commands.h"

#include <stddef.h>

#include "fcgi/notifications/settings.h"

extern const struct migration notifier_migrations[];

static enum err
check_database(const void *context)
{
	const struct notifications_settings *settings = context;

	return pg_settings_check(&settings->database, notifier_migrations);
}

static int
run_check(void *settings, const char *argument)
{
	static const struct program_check checks[] = {{"PostgreSQL", check_database}, {NULL, NULL}};

	(void)argument;
	return program_run_checks(checks, settings);
}

const struct command notifications_commands[] = {
    {"--check", NULL, "test settings and connections and exit", run_check},
    {NULL, NULL, NULL, NULL},
};

#include "shared/infra/pg_settings.h"

#include <stddef.h>
#include <stdio.h>

#include "shared/base/log.h"
#include "shared/infra/pg.h"
#include "shared/infra/pg_url.h"

#define CHECK_MS 10000

#define AT(member) offsetof(struct pg_settings, member)

#define auto_pg AUTO_OF(pg_free)

const struct config_row pg_settings_rows[] = {
    {.name = "DATABASE_URL",
	.type = CONFIG_SECRET,
	.offset = AT(url),
	.text = "PostgreSQL, as a libpq URI; the role needs what --migrate grants, no more. "
		"With pool_mode=transaction: a PgBouncer of that mode."},
    {.name = NULL},
};

const struct config_row pg_owner_settings_rows[] = {
    {.name = "DATABASE_OWNER_URL",
	.type = CONFIG_SECRET,
	.offset = AT(owner_url),
	.fallback = "",
	.text = "The same database by the role that owns the tables: used by --migrate alone. "
		"Default: DATABASE_URL."},
    {.name = "DATABASE_APP_ROLE",
	.type = CONFIG_TEXT,
	.offset = AT(app_role),
	.max = 63,
	.fallback = "",
	.text = "The role that --migrate grants the use of the tables to. "
		"Default: the user of DATABASE_URL."},
    {.name = NULL},
};

/* Whom to grant to: who is named, or whoever serves, unless that is the owner. */
static enum err
find_app_role(const struct pg_settings *settings, char out[PG_ROLE_SIZE])
{
	if (settings->app_role[0] != '\0') {
		(void)snprintf(out, PG_ROLE_SIZE, "%s", settings->app_role);
		return ERR_OK;
	}
	out[0] = '\0';
	return settings->owner_url[0] != '\0' ? pg_url_role(settings->url, out) : ERR_OK;
}

static const char *
owner_url(const struct pg_settings *settings)
{
	return settings->owner_url[0] != '\0' ? settings->owner_url : settings->url;
}

enum err
pg_settings_migrate(const struct pg_settings *settings, const struct migration *migrations)
{
	auto_pg struct pg *pg = NULL;
	char role[PG_ROLE_SIZE];

	TRY(find_app_role(settings, role));
	TRY(pg_new(owner_url(settings), 0, &clock_system, &pg));
	TRY(pg_migrate(pg, migrations, role));
	log_info("the database is up to date", LOG_TEXT("granted_to", role));
	return ERR_OK;
}

enum err
pg_settings_grant(const struct pg_settings *settings, const char *function, const char *role)
{
	auto_pg struct pg *pg = NULL;

	TRY(pg_new(owner_url(settings), 0, &clock_system, &pg));
	TRY(pg_migrate_grant(pg, function, role));
	log_info("a further role may serve", LOG_TEXT("granted_to", role));
	return ERR_OK;
}

enum err
pg_settings_check(const struct pg_settings *settings, const struct migration *migrations)
{
	static const struct pg_statement statement = {
	    "check", "SELECT coalesce(max(version), 0) FROM schema_migrations"};
	struct deadline deadline = deadline_in(&clock_system, CHECK_MS);
	auto_pg struct pg *pg = NULL;
	auto_pg_result struct pg_result *rows = NULL;
	int latest = 0;

	for (; migrations->version != 0; migrations++)
		latest = migrations->version;
	TRY(pg_new(settings->url, CHECK_MS, &clock_system, &pg));
	TRY(pg_run(pg, &deadline, &statement, NULL, 0, &rows));
	if (pg_int(rows, 0, 0) >= latest)
		return ERR_OK;
	log_error("the database's schema is old: run --migrate", LOG_INT("has", pg_int(rows, 0, 0)),
	    LOG_INT("needs", latest));
	return ERR_CONFIG;
}

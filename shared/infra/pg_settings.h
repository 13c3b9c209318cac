/*
 * infra/pg_settings: where a program's PostgreSQL is, and the commands that look after its schema.
 *
 * Layer: infra.  Used at start and by commands, by the main thread only.
 */
#ifndef SHARED_INFRA_PG_SETTINGS_H
#define SHARED_INFRA_PG_SETTINGS_H

#include "shared/base/config.h"
#include "shared/infra/pg_migrate.h"

struct pg_settings {
	const char *url;       /* DATABASE_URL */
	const char *owner_url; /* DATABASE_OWNER_URL; "": url */
	const char *app_role;  /* DATABASE_APP_ROLE; "": url's user, unless the owner */
};

/* The first member; and the others, for a program that migrates. */
extern const struct config_row pg_settings_rows[];
extern const struct config_row pg_owner_settings_rows[];

/* Brings the schema up to date, as the owner, and grants its use to the serving role. */
MUST_USE enum err pg_settings_migrate(
    const struct pg_settings *settings, const struct migration *migrations);
/* Has FUNCTION of the schema say what a further ROLE may do. */
MUST_USE enum err pg_settings_grant(
    const struct pg_settings *settings, const char *function, const char *role);
/* Does the serving role get in, and find a schema that is new enough?  ERR_CONFIG (logged) when it
 * is old; pg_run's errors. */
MUST_USE enum err pg_settings_check(
    const struct pg_settings *settings, const struct migration *migrations);

#endif

/*
 * infra/pg_migrate: numbered migrations, applied once each.
 *
 * Layer: infra.  For a program's --migrate: one thread, no deadline.
 */
#ifndef SHARED_INFRA_PG_MIGRATE_H
#define SHARED_INFRA_PG_MIGRATE_H

#include "shared/base/err.h"

struct pg;

struct migration { /* generated from schema/NNNN_name.sql; ended by version 0 */
	int version;
	const char *name;
	const char *sql;
};

/*
 * Applies what is missing, in order, each in a transaction of its own, under an advisory lock, and
 * records it in table schema_migrations: safe when every pod does it at once.  The serving role
 * owns nothing: after the last file, APP_ROLE (NULL or "": none) gets what the schema's function
 * app_grants(text), if there is one, grants it.  Versions that the database has and the program
 * does not are a newer release's: left alone.  ERR_UNAVAILABLE; ERR_INTERNAL for refused SQL
 * (logged); ERR_CONFIG: a pooler, where a lock does not stay.  Uses PG's connection and drops it at
 * the end.
 */
MUST_USE enum err pg_migrate(
    struct pg *pg, const struct migration *migrations, const char *app_role);

/* The same for a further role, by another function of the schema. */
MUST_USE enum err pg_migrate_grant(struct pg *pg, const char *function, const char *role);

#endif

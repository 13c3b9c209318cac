/*
 * tests/unit/notifier/notifier_rig: a database with the notifier's tables, and questions to it.
 */
#ifndef TESTS_UNIT_NOTIFIER_NOTIFIER_RIG_H
#define TESTS_UNIT_NOTIFIER_NOTIFIER_RIG_H

#include "tests/unit/notifier/database.h"

#include "shared/base/log.h"

extern const struct migration notifier_migrations[];

static struct database database;
static struct pg *pg;
static struct arena *arena;

static inline int
start_database(void **state)
{
	(void)state;
	if (database_new(&database) != 0 || pg_new(database.url, 0, &clock_system, &pg) != ERR_OK ||
	    pg_migrate(pg, notifier_migrations, NULL) != ERR_OK)
		return -1;
	return arena_new((size_t)4 * 1024 * 1024, &arena) == ERR_OK ? 0 : -1;
}

static inline int
remove_database(void **state)
{
	(void)state;
	pg_free(&pg);
	arena_free(&arena);
	return database_remove(&database);
}

static inline struct deadline
patience(void)
{
	return deadline_in(&clock_system, 30000);
}

static inline int64_t
query(const char *sql)
{
	return database_number(&database, sql);
}

static inline const char *
query_text(const char *sql)
{
	return database_text(&database, arena, sql);
}

static inline struct id
new_id(void)
{
	struct id id;

	id_new(clock_now_ms(&clock_system), &id);
	return id;
}

#endif

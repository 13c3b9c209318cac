/*
 * tests/unit/notifier/database: a PostgreSQL of the test's own, by the script beside this file.
 */
#ifndef TESTS_UNIT_NOTIFIER_DATABASE_H
#define TESTS_UNIT_NOTIFIER_DATABASE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "shared/infra/pg.h"

#define DATABASE_SCRIPT "tests/unit/notifier/database"

struct database {
	char folder[64];
	char url[160];
};

static inline int
database_do(struct database *database, const char *command)
{
	char text[160];
	char line[160] = "";
	FILE *pipe;

	(void)snprintf(text, sizeof(text), DATABASE_SCRIPT " %s %s", command, database->folder);
	pipe = popen(text, "r");
	if (pipe == NULL)
		return -1;
	if (fgets(line, sizeof(line), pipe) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		memcpy(database->url, line, sizeof(line));
	}
	return pclose(pipe) == 0 ? 0 : -1;
}

static inline int
database_new(struct database *database)
{
	(void)snprintf(database->folder, sizeof(database->folder), "/tmp/test-database.XXXXXX");
	if (mkdtemp(database->folder) == NULL)
		return -1;
	return database_do(database, "start");
}

static inline int
database_remove(struct database *database)
{
	return database_do(database, "remove");
}

/* Runs SQL of the test's own.  On a connection of its own: statements are known by their address,
 * and this one's is soon another's. */
static inline void
database_run(const struct database *database, const char *sql, struct pg_result **rows)
{
	const struct deadline deadline = deadline_in(&clock_system, 30000);
	const struct pg_statement statement = {"test", sql};
	struct pg *own = NULL;

	assert_err(ERR_OK, pg_new(database->url, 0, &clock_system, &own));
	assert_err(ERR_OK, pg_run(own, &deadline, &statement, NULL, 0, rows));
	pg_free(&own);
}

/* The first column of its first row, as a number: 0 without one. */
static inline int64_t
database_number(const struct database *database, const char *sql)
{
	struct pg_result *rows = NULL;
	int64_t number;

	database_run(database, sql, &rows);
	number = pg_rows(rows) > 0 ? pg_int(rows, 0, 0) : 0;
	pg_result_free(&rows);
	return number;
}

/* The same as a text, in the arena: NULL without one. */
static inline const char *
database_text(const struct database *database, struct arena *arena, const char *sql)
{
	struct pg_result *rows = NULL;
	const char *text = NULL;

	database_run(database, sql, &rows);
	if (pg_rows(rows) > 0 && !pg_is_null(rows, 0, 0))
		text = arena_strdup(arena, pg_text(rows, 0, 0));
	pg_result_free(&rows);
	return text;
}

#endif

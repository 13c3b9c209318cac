/*
 * tests/unit/notifier/database: a PostgreSQL of the test's own, by the script beside this file.
 */
#ifndef TESTS_UNIT_NOTIFIER_DATABASE_H
#define TESTS_UNIT_NOTIFIER_DATABASE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

#endif

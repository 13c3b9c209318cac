/*
 * tests/unit/infra/mongodb: a MongoDB of the test's own, by the script beside this file.
 */
#ifndef TESTS_UNIT_INFRA_MONGODB_H
#define TESTS_UNIT_INFRA_MONGODB_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MONGODB_SCRIPT "tests/unit/infra/mongodb"

struct mongodb {
	char folder[64];
	int port;
	char uri[64];
};

static inline int
mongodb_do(struct mongodb *mongodb, const char *command)
{
	char text[160];
	char line[16] = "";
	FILE *pipe;

	if (mongodb->port != 0 && strcmp(command, "start") == 0)
		(void)snprintf(text, sizeof(text), MONGODB_SCRIPT " start %s %d", mongodb->folder,
		    mongodb->port);
	else
		(void)snprintf(
		    text, sizeof(text), MONGODB_SCRIPT " %s %s", command, mongodb->folder);
	pipe = popen(text, "r");
	if (pipe == NULL)
		return -1;
	if (fgets(line, sizeof(line), pipe) != NULL)
		mongodb->port = (int)strtol(line, NULL, 10);
	(void)snprintf(
	    mongodb->uri, sizeof(mongodb->uri), "mongodb://127.0.0.1:%d/", mongodb->port);
	return pclose(pipe) == 0 ? 0 : -1;
}

static inline int
mongodb_new(struct mongodb *mongodb)
{
	(void)snprintf(mongodb->folder, sizeof(mongodb->folder), "/tmp/test-mongodb.XXXXXX");
	if (mkdtemp(mongodb->folder) == NULL)
		return -1;
	mongodb->port = 0;
	return mongodb_do(mongodb, "start");
}

static inline int
mongodb_remove(struct mongodb *mongodb)
{
	return mongodb_do(mongodb, "remove");
}

#endif

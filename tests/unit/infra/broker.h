/*
 * tests/unit/infra/broker: a RabbitMQ of the test's own, by the script beside this file.
 */
#ifndef TESTS_UNIT_INFRA_BROKER_H
#define TESTS_UNIT_INFRA_BROKER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BROKER_SCRIPT "tests/unit/infra/broker"

struct broker {
	char folder[64];
	char url[64];
};

/* Runs `broker COMMAND FOLDER ARGUMENTS` and keeps the first line it prints. */
static inline int
broker_do(const struct broker *broker, const char *command, const char *arguments, char line[64])
{
	char text[256];
	FILE *pipe;

	(void)snprintf(
	    text, sizeof(text), BROKER_SCRIPT " %s %s %s", command, broker->folder, arguments);
	pipe = popen(text, "r");
	if (pipe == NULL)
		return -1;
	if (fgets(line, 64, pipe) == NULL)
		line[0] = '\0';
	return pclose(pipe) == 0 ? 0 : -1;
}

static inline int
broker_start(struct broker *broker)
{
	char line[64];

	if (broker_do(broker, "start", "", line) != 0)
		return -1;
	line[strcspn(line, "\n")] = '\0';
	(void)snprintf(broker->url, sizeof(broker->url), "amqp://127.0.0.1:%.8s", line);
	return 0;
}

static inline int
broker_new(struct broker *broker)
{
	(void)snprintf(broker->folder, sizeof(broker->folder), "/tmp/test-broker.XXXXXX");
	if (mkdtemp(broker->folder) == NULL)
		return -1;
	return broker_start(broker);
}

static inline int
broker_stop(const struct broker *broker)
{
	char line[64];

	return broker_do(broker, "stop", "", line);
}

static inline int
broker_ctl(const struct broker *broker, const char *words)
{
	char line[64];

	return broker_do(broker, "ctl", words, line);
}

static inline int
broker_remove(const struct broker *broker)
{
	char line[64];

	return broker_do(broker, "remove", "", line);
}

#endif

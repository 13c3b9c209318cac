/*
 * infra/amqp_settings: where a program's RabbitMQ is.
 *
 * Layer: infra.  Used at start and by commands, by the main thread only.
 */
#ifndef SHARED_INFRA_AMQP_SETTINGS_H
#define SHARED_INFRA_AMQP_SETTINGS_H

#include "shared/base/config.h"

struct amqp_settings {
	const char *url; /* AMQP_URL */
};

extern const struct config_row amqp_settings_rows[];

/* Does a broker answer, to a connection of this NAME?  amqp_ping's errors. */
MUST_USE enum err amqp_settings_check(const struct amqp_settings *settings, const char *name);

#endif

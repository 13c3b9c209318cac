/*
 * notifier/settings: what the environment says.
 */
#ifndef NOTIFIER_SETTINGS_H
#define NOTIFIER_SETTINGS_H

#include <stdint.h>

#include "shared/base/config.h"

struct notifier_settings {
	int log_level; /* LOG_LEVEL; first, for program_main */
	int64_t workers;
	int64_t shutdown_timeout_s;
	const char *public_url;
	const char *database_url;
	const char *database_owner_url; /* "": as database_url */
	const char *database_app_role;  /* "": none */
	const char *amqp_url;
	const char *smtp_url;
	const char *mail_from;      /* "Shop <shop@example.org>" */
	const char *health_address; /* "127.0.0.1:8084" */
};

extern const struct config_row *const notifier_tables[];

#endif

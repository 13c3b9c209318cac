/*
 * notifier/settings: what the environment says.
 */
#ifndef NOTIFIER_SETTINGS_H
#define NOTIFIER_SETTINGS_H

#include <stdint.h>

#include "notifier/webhook_settings.h"
#include "shared/base/config.h"
#include "shared/edge/program.h"
#include "shared/infra/amqp_settings.h"
#include "shared/infra/pg_settings.h"

struct notifier_settings {
	struct program_settings program; /* first, for program_main */
	struct pg_settings database;
	struct amqp_settings broker;
	struct webhook_settings webhook;
	const char *database_api_role; /* "": none */
	int64_t workers;
	int64_t job_retention_days;
	int64_t webhook_timeout_ms;
	int64_t webhook_transfers;
	int64_t webhook_endpoint_transfers;
	const char *smtp_url;
	const char *mail_from;      /* "Shop <shop@example.org>" */
	const char *health_address; /* "127.0.0.1:8084" */
};

extern const struct config_table notifier_tables[];

#endif

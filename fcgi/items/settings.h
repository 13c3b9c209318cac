/*
 * items/settings: what the environment tells items.
 */
#ifndef FCGI_ITEMS_SETTINGS_H
#define FCGI_ITEMS_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/config.h"
#include "shared/edge/service.h"

struct items_settings {
	struct service_settings service; /* first: service_rows fill it */
	const char *mongodb_uri;
	const char *mongodb_database;
	const char *amqp_url;
	const char *auth_url;
	const char *jwt_issuer;
	const char *jwt_audience;
	const char *cursor_secret;
	bool catalogue_requires_login;
	bool require_verified_email;
	int64_t reservation_ttl_ms;
	int64_t revocation_poll_ms;
};

/* service_rows and items' own; for program_main. */
extern const struct config_row *const items_tables[];

#endif

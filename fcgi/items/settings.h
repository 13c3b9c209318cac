/*
 * items/settings: what the environment tells items.
 */
#ifndef FCGI_ITEMS_SETTINGS_H
#define FCGI_ITEMS_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/config.h"
#include "shared/edge/page.h"
#include "shared/edge/service.h"
#include "shared/edge/verifier.h"
#include "shared/infra/amqp_settings.h"

struct items_settings {
	struct service_settings service; /* first, for program_main */
	struct amqp_settings broker;
	struct verifier_settings verifier;
	struct page_settings pages;
	const char *mongodb_uri;
	const char *mongodb_database;
	bool catalogue_requires_login;
	bool require_verified_email;
	int64_t reservation_ttl_ms;
	int64_t low_stock;
};

extern const struct config_table items_tables[];

#endif

/*
 * notifications/settings: what the environment tells notifications.
 */
#ifndef FCGI_NOTIFICATIONS_SETTINGS_H
#define FCGI_NOTIFICATIONS_SETTINGS_H

#include "notifier/webhook_settings.h"
#include "shared/base/config.h"
#include "shared/edge/page.h"
#include "shared/edge/service.h"
#include "shared/edge/verifier.h"
#include "shared/infra/pg_settings.h"

struct notifications_settings {
	struct service_settings service; /* first, for program_main */
	struct pg_settings database;     /* the notifier's; it migrates */
	struct verifier_settings verifier;
	struct page_settings pages;
	struct webhook_settings webhook;
};

extern const struct config_table notifications_tables[];

#endif

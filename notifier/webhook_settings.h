/*
 * notifier/webhook_settings: which endpoints are taken, when set up and when called.
 *
 * Shared with fcgi/notifications.  Fixed after start.
 */
#ifndef NOTIFIER_WEBHOOK_SETTINGS_H
#define NOTIFIER_WEBHOOK_SETTINGS_H

#include "shared/base/config.h"

struct webhook_settings {
	bool allow_http;    /* WEBHOOK_ALLOW_HTTP */
	bool allow_private; /* WEBHOOK_ALLOW_PRIVATE */
};

extern const struct config_row webhook_settings_rows[];

#endif

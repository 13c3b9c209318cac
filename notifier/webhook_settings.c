#include "notifier/webhook_settings.h"

#include <stddef.h>

#define AT(member) offsetof(struct webhook_settings, member)

const struct config_row webhook_settings_rows[] = {
    {.name = "WEBHOOK_ALLOW_HTTP",
	.type = CONFIG_BOOL,
	.offset = AT(allow_http),
	.fallback = "false",
	.text = "May webhooks be called by http, too?"},
    {.name = "WEBHOOK_ALLOW_PRIVATE",
	.type = CONFIG_BOOL,
	.offset = AT(allow_private),
	.fallback = "false",
	.text = "May webhooks be at private, loopback and link-local addresses?"},
    {.name = NULL},
};

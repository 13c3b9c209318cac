#include "shared/edge/token_settings.h"

#include <stddef.h>

const struct config_row token_settings_rows[] = {
    {.name = "JWT_ISSUER",
	.type = CONFIG_TEXT,
	.offset = offsetof(struct token_settings, issuer),
	.max = 255,
	.fallback = "shop",
	.text = "The iss of access tokens."},
    {.name = "JWT_AUDIENCE",
	.type = CONFIG_TEXT,
	.offset = offsetof(struct token_settings, audience),
	.max = 255,
	.fallback = "shop",
	.text = "The aud of access tokens."},
    {.name = NULL},
};

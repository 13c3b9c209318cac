/*
 * edge/token_settings: what the shop's access tokens say of who made them and for whom.
 *
 * Layer: edge.
 */
#ifndef SHARED_EDGE_TOKEN_SETTINGS_H
#define SHARED_EDGE_TOKEN_SETTINGS_H

#include "shared/base/config.h"

struct token_settings {
	const char *issuer;   /* JWT_ISSUER */
	const char *audience; /* JWT_AUDIENCE */
};

extern const struct config_row token_settings_rows[];

#endif

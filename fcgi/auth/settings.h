/*
 * auth/settings: what the environment tells auth.
 */
#ifndef FCGI_AUTH_SETTINGS_H
#define FCGI_AUTH_SETTINGS_H

#include <stdint.h>

#include "shared/base/config.h"
#include "shared/edge/service.h"

struct auth_settings {
	struct service_settings service; /* first: service_rows fill it */
	const char *database_url;
	const char *database_owner_url; /* "": database_url */
	const char *database_app_role;  /* "": database_url's user, unless the owner */
	const char *amqp_url;
	const char *jwt_keys_dir;
	const char *jwt_issuer;
	const char *jwt_audience;
	const char *pepper;
	const char *pepper_old; /* "": none */
	int64_t bcrypt_cost;
	int64_t bcrypt_concurrency; /* 0: the number of cores */
	int64_t bcrypt_wait_ms;
	int64_t access_ttl_s;
	int64_t refresh_ttl_s;
	int64_t key_publish_delay_s;
	int64_t limit_register; /* an hour and address */
	int64_t limit_login;    /* a minute and address */
};

/* service_rows and auth's own; for program_main. */
extern const struct config_row *const auth_tables[];

#endif

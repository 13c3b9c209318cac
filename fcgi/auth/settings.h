/*
 * auth/settings: what the environment tells auth.
 */
#ifndef FCGI_AUTH_SETTINGS_H
#define FCGI_AUTH_SETTINGS_H

#include <stdint.h>

#include "shared/base/config.h"
#include "shared/edge/page.h"
#include "shared/edge/service.h"
#include "shared/edge/token_settings.h"
#include "shared/infra/amqp_settings.h"
#include "shared/infra/pg_settings.h"

struct auth_settings {
	struct service_settings service; /* first, for program_main */
	struct pg_settings database;
	struct amqp_settings broker;
	struct token_settings tokens;
	struct page_settings pages;
	const char *jwt_keys_dir;
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
	int64_t limit_forgot;   /* an hour and address */
};

extern const struct config_table auth_tables[];

#endif

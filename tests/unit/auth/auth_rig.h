/*
 * tests/unit/auth/auth_rig: auth without HTTP: a private PostgreSQL with the schema, a key, cheap
 * hashes, and a call to make its use cases by.
 */
#ifndef TESTS_UNIT_AUTH_AUTH_RIG_H
#define TESTS_UNIT_AUTH_AUTH_RIG_H

#include <stdarg.h>
#include <stdio.h>

#include "tests/unit/notifier/database.h"
#include "tests/unit/unit.h"

#include "fcgi/auth/app.h"
#include "fcgi/auth/call.h"
#include "fcgi/auth/derived_keys.h"
#include "fcgi/auth/keyring.h"
#include "fcgi/auth/passwords.h"
#include "shared/base/log.h"
#include "shared/infra/pg.h"
#include "tests/unit/auth/key_folder.h"

#define RIG_PEPPER "the rig's own pepper"

extern const struct migration auth_migrations[];

static struct {
	struct database database;
	struct key_folder keys;
	struct auth_settings settings;
	struct derived_keys derived_keys;
	struct app app;
	struct call call;
	struct fault fault;
} rig;

/* Other cost and peppers from here on. */
__attribute__((unused)) static void
rig_passwords(int64_t cost, const char *pepper, const char *pepper_old)
{
	const struct passwords_settings settings = {.pepper = pepper,
	    .pepper_old = pepper_old,
	    .cost = cost,
	    .hasher = {.threads = 1, .callers_max = 4, .wait_max_ms = 60000, .cost = cost}};

	passwords_free(&rig.app.passwords);
	assert_err(ERR_OK, passwords_new(&settings, rig.app.metrics, &rig.app.passwords));
	derived_keys_init(&rig.derived_keys, pepper, pepper_old);
	rig.app.derived_keys = &rig.derived_keys;
}

static int
rig_start(void **state)
{
	char key_id[JWT_KEY_ID_SIZE];

	(void)state;
	log_init("test", LOG_ERROR + 1, 2);
	rig.settings = (struct auth_settings){
	    .service = {.program = {.public_url = "https://shop.example:8443"}},
	    .tokens = {.issuer = "shop", .audience = "shop"},
	    .access_ttl_s = 900,
	    .refresh_ttl_s = 2592000};
	rig.app = (struct app){.settings = &rig.settings, .clock = &clock_system};
	key_folder_new(&rig.keys);
	key_folder_add(&rig.keys, "a.pem", 1, key_id);
	if (database_new(&rig.database) != 0 ||
	    pg_new(rig.database.url, 0, &clock_system, &rig.call.pg) != ERR_OK ||
	    pg_migrate(rig.call.pg, auth_migrations, NULL) != ERR_OK ||
	    metrics_new(&rig.app.metrics) != ERR_OK ||
	    keyring_new(rig.keys.path, 0, &clock_system, &rig.app.keyring) != ERR_OK)
		return -1;
	rig_passwords(4, RIG_PEPPER, "");
	return arena_new((size_t)4 << 20, &rig.call.arena) == ERR_OK ? 0 : -1;
}

static int
rig_end(void **state)
{
	(void)state;
	pg_free(&rig.call.pg);
	passwords_free(&rig.app.passwords);
	keyring_free(&rig.app.keyring);
	metrics_free(&rig.app.metrics);
	arena_free(&rig.call.arena);
	key_folder_remove(&rig.keys);
	return database_remove(&rig.database);
}

/* Before each test. */
static int
rig_call(void **state)
{
	(void)state;
	arena_reset(rig.call.arena);
	fault_init(&rig.fault, rig.call.arena);
	rig.call.fault = &rig.fault;
	rig.call.deadline = deadline_in(&clock_system, 120000);
	rig.call.now_ms = clock_now_ms(&clock_system);
	rig.call.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
	rig.call.client = (struct client){"192.0.2.1", "test"};
	rig.call.network = rig.call.client.address;
	rig.call.device_cookie = NULL;
	return 0;
}

/* SQL of the test's own; the first column of its first row, in the arena, NULL without one. */
__attribute__((format(printf, 1, 2))) static const char *
sql(const char *format, ...)
{
	const char *text;
	va_list args;

	va_start(args, format);
	text = arena_vprintf(rig.call.arena, format, args);
	va_end(args);
	return database_text(&rig.database, rig.call.arena, text);
}

__attribute__((unused)) static struct id
fresh_id(void)
{
	struct id id;

	id_new(rig.call.now_ms, &id);
	return id;
}

#endif

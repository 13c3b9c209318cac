/*
 * auth/app: what all threads of auth share, and what one worker owns.
 */
#ifndef FCGI_AUTH_APP_H
#define FCGI_AUTH_APP_H

#include "fcgi/auth/settings.h"
#include "shared/base/clock.h"

struct derived_keys;
struct housekeeper;
struct keyring;
struct link_courier;
struct metrics;
struct outbox;
struct passwords;
struct pg;
struct pg_outbox;

struct app { /* fixed after start */
	const struct auth_settings *settings;
	const struct clock *clock;
	struct metrics *metrics;
	struct keyring *keyring;
	struct passwords *passwords;
	const struct derived_keys *derived_keys;
	struct pg_outbox *events; /* where the outbox takes them from */
	struct outbox *outbox;
	struct link_courier *link_courier;
	struct housekeeper *housekeeper;
};

struct worker {
	struct pg *pg;
};

#endif

/*
 * notifications/app: what all threads of notifications share, and what one worker owns.
 */
#ifndef FCGI_NOTIFICATIONS_APP_H
#define FCGI_NOTIFICATIONS_APP_H

#include "fcgi/notifications/settings.h"
#include "shared/base/clock.h"

struct metrics;
struct pg;
struct resolver;
struct verifier;

struct app { /* fixed after start */
	const struct notifications_settings *settings;
	const struct clock *clock;
	struct metrics *metrics;
	struct verifier *verifier;
	struct resolver *resolver;
};

struct worker {
	struct pg *pg;
};

#endif

/*
 * notifier/app: what all threads of the notifier share.
 */
#ifndef NOTIFIER_APP_H
#define NOTIFIER_APP_H

#include "notifier/mail_sender.h"
#include "notifier/settings.h"
#include "notifier/wake.h"
#include "shared/base/clock.h"

struct amqp;
struct intake;
struct metrics;
struct outbox;
struct pg;

struct app { /* fixed after start; what it points to is safe on any thread */
	const struct notifier_settings *settings;
	const struct clock *clock;
	struct metrics *metrics;
	struct mail_sender sender;
	struct wake *wake;
	struct intake *intake;
	struct outbox *outbox;
};

struct worker { /* what the health server's thread owns */
	struct pg *pg;
	struct amqp *amqp; /* for --check alone */
};

#endif

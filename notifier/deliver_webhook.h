/*
 * notifier/deliver_webhook: the thread that calls webhooks.
 *
 * Domain.  Many deliveries are under way at once, a few of them to one endpoint, so that a slow one
 * delays nobody but itself.  A delivery is leased as a mail is: if this process dies, it is due
 * again when its lease ends, and the endpoint may get it twice, under the same webhook-id.
 */
#ifndef NOTIFIER_DELIVER_WEBHOOK_H
#define NOTIFIER_DELIVER_WEBHOOK_H

#include "shared/base/clock.h"

struct app;
struct deliverer;

/* Starts the thread; it ends after wake_stop, once what is under way has ended. */
MUST_USE enum err deliverer_start(const struct app *app, struct deliverer **out);
/* ERR_DEADLINE: it still runs; it ends with the process, and its deliveries' leases run out. */
MUST_USE enum err deliverer_join(struct deliverer **deliverer, const struct deadline *deadline);

#endif

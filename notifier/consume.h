/*
 * notifier/consume: the threads that take events from the queues.
 *
 * Domain.  One thread a queue.  Waiting messages are taken in batches: planned, written in one
 * transaction, then acknowledged; from there PostgreSQL owns the delivery.  What can't be
 * understood is rejected to the dead letters.  While PostgreSQL is away nothing is consumed.
 */
#ifndef NOTIFIER_CONSUME_H
#define NOTIFIER_CONSUME_H

#include "shared/base/clock.h"

struct app;
struct consumers;

/* Starts a thread for each of the notifier's queues; they end after wake_stop.  app->intake says
 * which of them have a queue to take from. */
MUST_USE enum err consumers_start(const struct app *app, struct consumers **out);
/* ERR_DEADLINE: some still run; what they hold is delivered again. */
MUST_USE enum err consumers_join(struct consumers **consumers, const struct deadline *deadline);

#endif

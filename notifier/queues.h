/*
 * notifier/queues: where the notifier's events wait.
 */
#ifndef NOTIFIER_QUEUES_H
#define NOTIFIER_QUEUES_H

#include "shared/infra/amqp.h"

#define NOTIFIER_QUEUES 2

#define DEAD_LETTERS_QUEUE "notifier.dead"

extern const struct amqp_queue notifier_queues[NOTIFIER_QUEUES];

#endif

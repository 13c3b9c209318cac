/*
 * notifier/dead_reason: why an event lies among the dead letters.
 *
 * Domain, pure.
 */
#ifndef NOTIFIER_DEAD_REASON_H
#define NOTIFIER_DEAD_REASON_H

#include "shared/base/arena.h"
#include "shared/infra/amqp.h"

/* A phrase that lives in ARENA or for ever. */
const char *dead_reason(struct arena *arena, const struct amqp_delivery *letter);

#endif

/*
 * notifier/dead_letters: what lies in the dead letters' queue.
 *
 * Domain.  For a command: one thread.  A letter that is looked at stays where it is; one that is
 * sent back leaves once the broker has confirmed it in the queue that it came from.
 */
#ifndef NOTIFIER_DEAD_LETTERS_H
#define NOTIFIER_DEAD_LETTERS_H

#include <stdio.h>

#include "shared/base/clock.h"

enum dead_action { DEAD_LIST, DEAD_REPLAY, DEAD_DROP };

struct dead_request {
	enum dead_action action;
	bool all;
	const char *const *ids; /* unless ALL */
	size_t id_count;
	FILE *out; /* where DEAD_LIST prints, a line each */
};

/* Goes through all letters.  *DONE counts those that were listed, sent back or dropped.
 * ERR_UNAVAILABLE: the broker is away, or the queue does not exist. */
MUST_USE enum err dead_letters_go_through(const char *amqp_url, const struct clock *clock,
    const struct dead_request *request, int64_t *done);

#endif

/*
 * notifier/intake: how many of the queues are being consumed right now.
 *
 * The consumers say so, the health server asks: readiness is what their connections know, and needs
 * none of its own.  Safe on any thread.
 */
#ifndef NOTIFIER_INTAKE_H
#define NOTIFIER_INTAKE_H

#include <stddef.h>

#include "shared/base/err.h"

struct intake;

/* None of so many queues is consumed yet. */
MUST_USE enum err intake_new(size_t queues, struct intake **out);
void intake_free(struct intake **intake);
/* One queue more, one queue less: each consumer says them in turns. */
void intake_begin(struct intake *intake);
void intake_end(struct intake *intake);
/* The broker has QUEUE (a text that lives for ever) with other arguments than ours, or forbids it;
 * NULL: not any more. */
void intake_refused(struct intake *intake, const char *queue);
/* ERR_UNAVAILABLE unless all are consumed; DETAIL, of SIZE bytes, then says how many are, or what
 * stands against it. */
MUST_USE enum err intake_check(const struct intake *intake, char *detail, size_t size);

#endif

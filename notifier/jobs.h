/*
 * notifier/jobs: the worker threads that carry jobs out.
 *
 * Domain.  Each worker takes one due job at a time under a lease, delivers it by its channel and
 * records how it went.  The mail server's 250 and our commit are two systems: a crash between them
 * sends that one mail again, under the same Message-ID.
 */
#ifndef NOTIFIER_JOBS_H
#define NOTIFIER_JOBS_H

#include "shared/base/clock.h"

struct app;
struct jobs;

/* Starts WORKERS threads; they end after wake_stop. */
MUST_USE enum err jobs_start(const struct app *app, struct jobs **out);
/* ERR_DEADLINE: some still run; they end with the process, and their jobs' leases run out. */
MUST_USE enum err jobs_join(struct jobs **jobs, const struct deadline *deadline);

#endif

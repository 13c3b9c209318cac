/*
 * notifier/plan: which messages an event calls for.
 *
 * Domain, pure: from a received CloudEvent to the contact it tells about and the jobs it makes.
 * What a job keeps of the event is the little its template shows; a seller's copy of an order holds
 * the seller's own lines and nobody else's.
 */
#ifndef NOTIFIER_PLAN_H
#define NOTIFIER_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/edge/event.h"

#define CHANNEL_EMAIL "email"

struct contact {
	struct id user_id;
	const char *email, *name;
	const char *locale; /* BCP 47, or "" */
	bool deleted;       /* EMAIL and NAME are "" then */
};

struct planned_job {
	const char *channel;
	const char *template;
	struct id recipient;
	const char *data; /* JSON */
};

struct plan {
	struct event event;
	bool has_contact;
	struct contact contact;
	struct planned_job *jobs;
	size_t job_count;
};

/*
 * Everything lives in ARENA.  An event of a type that concerns nobody makes an empty plan.
 * ERR_MALFORMED: no event, or its data lack what its type promises; ERR_MEMORY.
 */
MUST_USE enum err plan_make(struct arena *arena, struct span body, struct plan *out);

#endif

/*
 * notifier/plan_part: what planners have in common: reading an event's data, adding a job.
 *
 * Domain, pure; private to plan_*.c.  A planner reads plan->event.data and fills in the rest.
 */
#ifndef NOTIFIER_PLAN_PART_H
#define NOTIFIER_PLAN_PART_H

#include "notifier/plan.h"
#include "shared/base/buf.h"

#define PLAN_DATA_MAX_BYTES ((size_t)1024 * 1024)

/* A text of OBJECT, which may be NULL.  ERR_MALFORMED: not there, or no text. */
MUST_USE enum err plan_read_text(const struct cJSON *object, const char *name, const char **out);

/* Room for COUNT jobs, to be made before the first is added.  ERR_MEMORY. */
MUST_USE enum err plan_make_room(struct arena *arena, struct plan *plan, size_t count);
/* An email by TEMPLATE, which shows what the JSON in DATA tells.  ERR_MEMORY. */
MUST_USE enum err plan_add_email(struct arena *arena, struct plan *plan, const char *template,
    const struct id *recipient, const struct buf *data);
/* The plan's only one. */
MUST_USE enum err plan_add_only_email(struct arena *arena, struct plan *plan, const char *template,
    const struct id *recipient, const struct buf *data);

#endif

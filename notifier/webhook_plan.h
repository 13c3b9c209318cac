/*
 * notifier/webhook_plan: whose webhooks an event concerns, and what each of them is told.
 *
 * Domain, pure.  The buyer gets an order's event as it is; each seller a copy with their own lines,
 * those lines' total and the status that follows from them; an item's seller gets its events.  No
 * account's event is for anybody's webhook.
 */
#ifndef NOTIFIER_WEBHOOK_PLAN_H
#define NOTIFIER_WEBHOOK_PLAN_H

#include <stddef.h>

#include "notifier/webhook.h"
#include "shared/edge/event.h"

struct webhook_copy { /* lives in the arena; borrows the event's head */
	const struct event_head *head;
	struct id owner_id;
	const char *body; /* the CloudEvent; NULL: it would be over WEBHOOK_BODY_MAX */
};

/*
 * EVENT as it was parsed from BODY.  At most one copy for each owner; none for types that webhooks
 * don't get.  ERR_MALFORMED: its data lack what its type promises; ERR_MEMORY.
 */
MUST_USE enum err webhook_plan_make(struct arena *arena, const struct event *event,
    struct span body, const struct webhook_copy **out, size_t *count);

#endif

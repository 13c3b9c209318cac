/*
 * notifier/webhook_store: webhooks in PostgreSQL.
 *
 * Store: shared by notifier, which sends to them, and fcgi/notifications, where their owners keep
 * them.  A struct pg belongs to the calling thread.  An owner sees no webhook but their own:
 * another's is ERR_NOT_FOUND.  Other errors are pg_run's.
 */
#ifndef NOTIFIER_WEBHOOK_STORE_H
#define NOTIFIER_WEBHOOK_STORE_H

#include "notifier/webhook.h"
#include "notifier/webhook_plan.h"
#include "shared/base/clock.h"
#include "shared/infra/pg.h"

/* --- for their owners ------------------------------------------------------------------------ */

struct new_webhook {
	struct id id, owner_id;
	const char *url;
	const char *events; /* as struct webhook has them */
	const char *secret;
};

/* Inside a transaction, which it makes the only one to add a webhook of that owner.  ERR_CONFLICT:
 * there are WEBHOOKS_PER_OWNER_MAX already. */
MUST_USE enum err webhook_store_add(struct pg *pg, const struct deadline *deadline,
    struct arena *arena, const struct new_webhook *webhook, struct webhook *out);
MUST_USE enum err webhook_store_get(struct pg *pg, const struct deadline *deadline,
    struct arena *arena, const struct id *owner, const struct id *id, struct webhook *out);
/* Likewise, inside a transaction, until whose end nobody else changes it. */
MUST_USE enum err webhook_store_hold(struct pg *pg, const struct deadline *deadline,
    struct arena *arena, const struct id *owner, const struct id *id, struct webhook *out);

/* Up to LIMIT, newest first, those older than BEFORE (NULL: from the newest on). */
MUST_USE enum err webhook_store_list(struct pg *pg, const struct deadline *deadline,
    struct arena *arena, const struct id *owner, const struct id *before, int64_t limit,
    struct webhook **out, size_t *count);

struct webhook_change {
	const char *url;    /* NULL: stays */
	const char *events; /* NULL: stay */
	bool has_active, active;
};

/* One that becomes active again is no longer failing and has no reason. */
MUST_USE enum err webhook_store_change(struct pg *pg, const struct deadline *deadline,
    struct arena *arena, const struct id *owner, const struct id *id,
    const struct webhook_change *change, struct webhook *out);
/* SECRET signs from now on; the one before it signs too, for 24 hours. */
MUST_USE enum err webhook_store_rotate(struct pg *pg, const struct deadline *deadline,
    const struct id *owner, const struct id *id, const char *secret);
/* With its deliveries; inside a transaction. */
MUST_USE enum err webhook_store_remove(
    struct pg *pg, const struct deadline *deadline, const struct id *owner, const struct id *id);

/* --- for the notifier ------------------------------------------------------------------------ */

/* For user.deleted, inside its transaction: all webhooks of OWNER, with their deliveries. */
MUST_USE enum err webhook_store_remove_owner(
    struct pg *pg, const struct deadline *deadline, const struct id *owner);

/*
 * Inside the intake's transaction, one statement: a job for each active webhook that one of COPIES
 * is for, of one event or of several.  A copy without a body becomes a delivery that has failed.
 * What is there already is left alone; *ADDED counts the jobs to be done.
 */
MUST_USE enum err webhook_store_fan_out(struct pg *pg, const struct deadline *deadline,
    const struct webhook_copy *copies, size_t count, int64_t *added);

struct webhook_target {
	struct webhook webhook;
	const char *secret;
	const char *previous_secret; /* NULL unless it signs still */
};

/* Whoever owns it.  ERR_NOT_FOUND: removed meanwhile. */
MUST_USE enum err webhook_store_target(struct pg *pg, const struct deadline *deadline,
    struct arena *arena, const struct id *id, struct webhook_target *out);
/* How a delivery went: a success ends the time of failing, a failure begins it.  *FAILING_MS: how
 * long it has lasted, by the server's clock; 0 after a success, or when the webhook is gone. */
MUST_USE enum err webhook_store_note(struct pg *pg, const struct deadline *deadline,
    const struct id *id, bool succeeded, int64_t *failing_ms);
/* ERR_NOT_FOUND: gone, or disabled already. */
MUST_USE enum err webhook_store_disable(struct pg *pg, const struct deadline *deadline,
    struct arena *arena, const struct id *id, const char *reason, struct webhook *out);
/* Puts an event into the outbox, inside the transaction of what it tells. */
MUST_USE enum err webhook_store_tell(struct pg *pg, const struct deadline *deadline,
    const struct event_head *head, const char *body);

#endif

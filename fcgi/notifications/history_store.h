/*
 * notifications/history_store: the notifier's jobs and attempts, as those they concern see them.
 *
 * Store.  Errors are pg_run's.
 */
#ifndef FCGI_NOTIFICATIONS_HISTORY_STORE_H
#define FCGI_NOTIFICATIONS_HISTORY_STORE_H

#include "fcgi/notifications/call.h"
#include "notifier/webhook.h"

/* The latest of them are shown. */
#define DELIVERY_ATTEMPTS_MAX 10

struct delivery_attempt { /* texts live in the arena */
	int64_t at_ms;
	const char *result; /* "sent", "try_later", "refused" */
	int64_t duration_ms;
	bool has_status_code;
	int64_t status_code;
	const char *response; /* or NULL */
	const char *error;    /* or NULL */
};

enum delivery_state { DELIVERY_QUEUED, DELIVERY_SENT, DELIVERY_FAILED };

struct delivery {
	struct id id, event_id, recipient;
	const char *event_type;
	const char *channel;
	const char *template;
	enum delivery_state state;
	int64_t created_at_ms;
	int64_t due_at_ms; /* while queued: the next attempt */
	struct delivery_attempt *attempts;
	size_t attempt_count;
};

/* Up to LIMIT of what went to RECIPIENT by CHANNEL, newest first, older than BEFORE (NULL: from the
 * newest on). */
MUST_USE enum err history_store_list(const struct call *call, const struct id *recipient,
    const char *channel, const struct id *before, int64_t limit, struct delivery **out,
    size_t *count);
/* One of a webhook's.  ERR_NOT_FOUND. */
MUST_USE enum err history_store_get(
    const struct call *call, const struct id *webhook, const struct id *id, struct delivery *out);
/* Another delivery to a webhook of the caller: *OUT is its id.  ERR_NOT_FOUND. */
MUST_USE enum err history_store_add(const struct call *call, const struct id *webhook,
    const struct event_head *head, const char *body, struct id *out);
/*
 * Makes a delivery of a webhook of the caller due at once, with the whole schedule before it again.
 * One that is being delivered at this moment is left alone.  ERR_NOT_FOUND; ERR_CONFLICT, with a
 * detail: the webhook is disabled, or the event was too large to be kept.
 */
MUST_USE enum err history_store_again(
    const struct call *call, const struct id *webhook, const struct id *id);

#endif

/*
 * notifier/webhook: an endpoint that somebody set up, its events, its secret, and how it is shown.
 *
 * Domain, pure but for webhook_secret_new's randomness.  Shared with fcgi/notifications.
 */
#ifndef NOTIFIER_WEBHOOK_H
#define NOTIFIER_WEBHOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/id.h"
#include "shared/edge/event.h"

#define CHANNEL_WEBHOOK "webhook"

#define WEBHOOK_URL_MAX        2000
#define WEBHOOKS_PER_OWNER_MAX 20
#define WEBHOOK_BODY_MAX       ((size_t)20 * 1024) /* as Standard Webhooks advise */
#define WEBHOOK_RESPONSE_MAX   1024                /* kept of an endpoint's answer */
#define WEBHOOK_SECRET_BYTES   32

/* Why one is disabled; the mail about it says these in its reader's language. */
#define WEBHOOK_REASON_GONE    "the endpoint answered 410 Gone"
#define WEBHOOK_REASON_FAILING "all deliveries of five days failed"

#define WEBHOOK_EVENT_NAME_MAX 64

/* May a webhook get the event? */
bool webhook_event_known(const char *name);

struct webhook { /* strings live in an arena */
	struct id id;
	struct id owner_id;
	const char *url;
	const char *events; /* names as they were given, with commas between them */
	bool active;
	const char *disabled_reason; /* or NULL */
	int64_t created_at_ms, updated_at_ms;
};

/* As the API shows it, with SECRET unless that is NULL. */
void webhook_write(
    struct json_writer *w, const char *key, const struct webhook *webhook, const char *secret);
/* The whole event webhook.disabled into BUF. */
void webhook_write_disabled(
    struct buf *buf, const struct event_head *head, const struct webhook *webhook);
/* The whole event webhook.ping into BUF: sent to the endpoint alone, when its owner asks for it. */
void webhook_write_ping(
    struct buf *buf, const struct event_head *head, const struct webhook *webhook);

/* `whsec_` and 32 random bytes in base64.  NULL at the arena's cap. */
char *webhook_secret_new(struct arena *arena);

#endif

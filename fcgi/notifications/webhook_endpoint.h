/*
 * notifications/webhook_endpoint: where a webhook may be sent to.
 *
 * Domain.  What can be told when it is set up: a name may resolve to another address tomorrow, so
 * that the notifier looks again whenever it calls.
 */
#ifndef FCGI_NOTIFICATIONS_WEBHOOK_ENDPOINT_H
#define FCGI_NOTIFICATIONS_WEBHOOK_ENDPOINT_H

#include "fcgi/notifications/call.h"
#include "notifier/webhook_settings.h"

struct resolver;

/* By the text of URL alone: true, or false with the fault's code and, in the arena, its detail. */
bool webhook_endpoint_fits(const struct webhook_settings *settings, const char *url,
    struct arena *arena, enum field_code *code, const char **detail);
/* Asks for the addresses of URL, which fits.  ERR_VALIDATION: one is not public.  A name that is
 * not known at this moment is let through. */
MUST_USE enum err webhook_endpoint_check(const struct call *call,
    const struct webhook_settings *settings, struct resolver *resolver, const char *url);

#endif

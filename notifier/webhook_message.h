/*
 * notifier/webhook_message: a delivery as the request that carries it.
 *
 * Domain, pure: Standard Webhooks' headers, with a signature by each secret that signs.
 */
#ifndef NOTIFIER_WEBHOOK_MESSAGE_H
#define NOTIFIER_WEBHOOK_MESSAGE_H

#include "notifier/delivery_store.h"
#include "shared/base/trace.h"
#include "shared/infra/http_poster.h"

/* Everything but the context; texts live in the delivery's arena, or are the delivery's own.  TRACE
 * is the one that it carries.  ERR_CORRUPT: a secret that is none; ERR_MEMORY. */
MUST_USE enum err webhook_message_make(
    const struct delivery *delivery, int64_t now_ms, struct trace *trace, struct http_post *out);

#endif

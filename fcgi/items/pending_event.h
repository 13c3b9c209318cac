/*
 * items/pending_event: an event from the call that causes it to what its document keeps.
 *
 * Layer: domain.  The caller writes the CloudEvent between the two.
 */
#ifndef FCGI_ITEMS_PENDING_EVENT_H
#define FCGI_ITEMS_PENDING_EVENT_H

#include "fcgi/items/call.h"
#include "fcgi/items/embedded.h"
#include "shared/base/buf.h"
#include "shared/edge/event.h"

/* With a new id.  TYPE and SUBJECT are borrowed. */
struct event_head pending_event_head(
    const struct call *call, const char *type, const struct id *subject);
/* Borrows what HEAD borrows and the bytes of BUF.  ERR_MEMORY: it was too large for BUF. */
MUST_USE enum err pending_event_of(
    const struct event_head *head, const struct buf *buf, struct pending_event *out);

#endif

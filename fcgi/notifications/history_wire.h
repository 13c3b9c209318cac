/*
 * notifications/history_wire: how deliveries and notifications are shown.
 */
#ifndef FCGI_NOTIFICATIONS_HISTORY_WIRE_H
#define FCGI_NOTIFICATIONS_HISTORY_WIRE_H

#include "fcgi/notifications/history_store.h"
#include "shared/edge/json_write.h"

/* As the owner of the webhook sees it. */
void delivery_write(struct json_writer *w, const struct delivery *delivery);
/* As the person sees it whom it went to. */
void notification_write(struct json_writer *w, const struct delivery *delivery);

#endif

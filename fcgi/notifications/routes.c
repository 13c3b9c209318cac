#include "fcgi/notifications/routes.h"

#include "fcgi/notifications/handlers_history.h"
#include "fcgi/notifications/handlers_webhook.h"

const struct route notifications_routes[] = {
    {METHOD_GET, "/notification", "listNotifications", handle_list_notifications, ACCESS_BEARER,
	BODY_NONE, 0, NULL},
    {METHOD_POST, "/webhook", "createWebhook", handle_create_webhook, ACCESS_BEARER, BODY_JSON, 0,
	NULL},
    {METHOD_GET, "/webhook", "listWebhooks", handle_list_webhooks, ACCESS_BEARER, BODY_NONE, 0,
	NULL},
    {METHOD_GET, "/webhook/{id}", "getWebhook", handle_get_webhook, ACCESS_BEARER, BODY_NONE, 0,
	NULL},
    {METHOD_PATCH, "/webhook/{id}", "updateWebhook", handle_update_webhook, ACCESS_BEARER,
	BODY_MERGE_PATCH, 0, NULL},
    {METHOD_DELETE, "/webhook/{id}", "deleteWebhook", handle_delete_webhook, ACCESS_BEARER,
	BODY_NONE, 0, NULL},
    {METHOD_POST, "/webhook/{id}/secret", "rotateWebhookSecret", handle_rotate_webhook_secret,
	ACCESS_BEARER, BODY_NONE, 0, NULL},
    {METHOD_GET, "/webhook/{id}/delivery", "listDeliveries", handle_list_deliveries, ACCESS_BEARER,
	BODY_NONE, 0, NULL},
    {METHOD_POST, "/webhook/{id}/delivery/{delivery_id}/redeliver", "redeliver", handle_redeliver,
	ACCESS_BEARER, BODY_NONE, 0, NULL},
    {METHOD_POST, "/webhook/{id}/ping", "pingWebhook", handle_ping_webhook, ACCESS_BEARER,
	BODY_NONE, 0, NULL},
    {.pattern = NULL},
};

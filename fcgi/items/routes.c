#include "fcgi/items/routes.h"

#include "fcgi/items/handlers_category.h"
#include "fcgi/items/handlers_image.h"
#include "fcgi/items/handlers_item.h"
#include "fcgi/items/handlers_order.h"
#include "fcgi/items/handlers_purchase.h"
#include "fcgi/items/handlers_stats.h"

const struct route items_routes[] = {
    {METHOD_POST, "/item", "createItem", handle_create_item, ACCESS_BEARER, BODY_JSON, 0, NULL},
    {METHOD_GET, "/item", "listItems", handle_list_items, ACCESS_OPTIONAL, BODY_NONE, 0, NULL},
    {METHOD_GET, "/item/{id}", "getItem", handle_get_item, ACCESS_OPTIONAL, BODY_NONE, 0, NULL},
    {METHOD_PUT, "/item/{id}", "replaceItem", handle_replace_item, ACCESS_BEARER, BODY_JSON, 0,
	NULL},
    {METHOD_PATCH, "/item/{id}", "updateItem", handle_update_item, ACCESS_BEARER, BODY_MERGE_PATCH,
	0, NULL},
    {METHOD_POST, "/item/{id}/stock", "adjustStock", handle_adjust_stock, ACCESS_BEARER, BODY_JSON,
	0, NULL},
    {METHOD_PUT, "/item/{id}/image", "putImage", handle_put_image, ACCESS_BEARER, BODY_IMAGE,
	IMAGE_MAX_BYTES, NULL},
    {METHOD_GET, "/item/{id}/image", "getImage", handle_get_image, ACCESS_OPTIONAL, BODY_NONE, 0,
	NULL},
    {METHOD_DELETE, "/item/{id}", "deleteItem", handle_delete_item, ACCESS_BEARER, BODY_NONE, 0,
	NULL},
    {METHOD_POST, "/buy/{id}", "buyItem", handle_buy_item, ACCESS_BEARER, BODY_JSON_OPTIONAL, 0,
	NULL},
    {METHOD_POST, "/order", "createOrder", handle_create_order, ACCESS_BEARER, BODY_JSON, 0, NULL},
    {METHOD_GET, "/order", "listOrders", handle_list_orders, ACCESS_BEARER, BODY_NONE, 0, NULL},
    {METHOD_GET, "/order/{id}", "getOrder", handle_get_order, ACCESS_BEARER, BODY_NONE, 0, NULL},
    {METHOD_POST, "/order/{id}/cancel", "cancelOrder", handle_cancel_order, ACCESS_BEARER,
	BODY_JSON_OPTIONAL, 0, NULL},
    {METHOD_POST, "/order/{id}/ship", "shipOrder", handle_ship_order, ACCESS_BEARER,
	BODY_JSON_OPTIONAL, 0, NULL},
    {METHOD_POST, "/order/{id}/deliver", "deliverOrder", handle_deliver_order, ACCESS_BEARER,
	BODY_JSON_OPTIONAL, 0, NULL},
    {METHOD_POST, "/order/{id}/refund", "refundOrder", handle_refund_order, ACCESS_BEARER,
	BODY_JSON_OPTIONAL, 0, NULL},
    {METHOD_GET, "/sale", "listSales", handle_list_sales, ACCESS_BEARER, BODY_NONE, 0, NULL},
    {METHOD_GET, "/stats/sales", "getSalesStatistics", handle_get_sales_statistics, ACCESS_BEARER,
	BODY_NONE, 0, NULL},
    {METHOD_GET, "/category", "listCategories", handle_list_categories, ACCESS_OPTIONAL, BODY_NONE,
	0, NULL},
    {.pattern = NULL},
};

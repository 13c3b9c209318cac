#include "fcgi/items/settings.h"

#include <stddef.h>

#include "fcgi/items/item.h"

#define AT(member) offsetof(struct items_settings, member)

static const struct config_row rows[] = {
    {.name = "MONGODB_URI",
	.type = CONFIG_SECRET,
	.offset = AT(mongodb_uri),
	.text = "MongoDB, as a connection string; times that it does not name come from "
		"REQUEST_TIMEOUT."},
    {.name = "MONGODB_DATABASE",
	.type = CONFIG_TEXT,
	.offset = AT(mongodb_database),
	.min = 1,
	.max = 63,
	.fallback = "shop",
	.text = "The database of items and orders."},
    {.name = "CATALOGUE_REQUIRES_LOGIN",
	.type = CONFIG_BOOL,
	.offset = AT(catalogue_requires_login),
	.fallback = "false",
	.text = "Items are shown to signed-in people alone."},
    {.name = "REQUIRE_VERIFIED_EMAIL",
	.type = CONFIG_BOOL,
	.offset = AT(require_verified_email),
	.fallback = "false",
	.text = "Only accounts whose address is verified may buy."},
    {.name = "RESERVATION_TTL",
	.type = CONFIG_INT,
	.offset = AT(reservation_ttl_ms),
	.min = 500,
	.max = 3600000,
	.fallback = "30000",
	.unit = "ms",
	.text = "A purchase not decided by then is failed and its stock given back; "
		"longer than REQUEST_TIMEOUT."},
    {.name = "LOW_STOCK",
	.type = CONFIG_INT,
	.offset = AT(low_stock),
	.min = 0,
	.max = ITEM_STOCK_MAX,
	.fallback = "3",
	.text = "Stock at or below which its seller is told, once; an item's low_stock_at goes "
		"before."},
    {.name = NULL},
};

const struct config_table items_tables[] = {
    {program_settings_rows, AT(service)},
    {service_settings_rows, AT(service)},
    {amqp_settings_rows, AT(broker)},
    {verifier_settings_rows, AT(verifier)},
    {token_settings_rows, AT(verifier.tokens)},
    {page_settings_rows, AT(pages)},
    {rows, 0},
    {NULL, 0},
};

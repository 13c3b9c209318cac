#include "notifier/settings.h"

#include <stddef.h>

#define AT(member) offsetof(struct notifier_settings, member)

static const struct config_row rows[] = {
    {.name = "WORKERS",
	.type = CONFIG_INT,
	.offset = AT(workers),
	.min = 1,
	.max = 64,
	.fallback = "4",
	.text = "Threads that send."},
    {.name = "SMTP_URL",
	.type = CONFIG_SECRET,
	.offset = AT(smtp_url),
	.text = "Mail server: smtp[s]://[user:password@]host[:port][?tls=required]."},
    {.name = "MAIL_FROM",
	.type = CONFIG_TEXT,
	.offset = AT(mail_from),
	.min = 3,
	.max = 320,
	.fallback = "Shop <shop@localhost>",
	.text = "The sender: Name <address>, or an address."},
    {.name = "HEALTH_ADDRESS",
	.type = CONFIG_TEXT,
	.offset = AT(health_address),
	.min = 3,
	.max = 80,
	.fallback = "127.0.0.1:8084",
	.text = "Address and port of /healthz, /readyz and /metrics: 0.0.0.0:8084, [::]:8084."},
    {.name = NULL},
};

const struct config_table notifier_tables[] = {
    {program_settings_rows, AT(program)},
    {pg_settings_rows, AT(database)},
    {amqp_settings_rows, AT(broker)},
    {rows, 0},
    {NULL, 0},
};

#include "shared/infra/amqp_settings.h"

#include <stddef.h>

#include "shared/infra/amqp.h"

#define CHECK_MS 10000

#define auto_amqp AUTO_OF(amqp_free)

const struct config_row amqp_settings_rows[] = {
    {.name = "AMQP_URL",
	.type = CONFIG_SECRET,
	.offset = offsetof(struct amqp_settings, url),
	.text = "RabbitMQ: amqp[s]://user:password@host[:port][/vhost]; several, with commas."},
    {.name = NULL},
};

enum err
amqp_settings_check(const struct amqp_settings *settings, const char *name)
{
	struct deadline deadline = deadline_in(&clock_system, CHECK_MS);
	auto_amqp struct amqp *amqp = NULL;

	TRY(amqp_new(settings->url, name, &clock_system, &amqp));
	return amqp_ping(amqp, &deadline);
}

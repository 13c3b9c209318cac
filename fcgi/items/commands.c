#include "fcgi/items/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "fcgi/items/indexes.h"
#include "fcgi/items/settings.h"
#include "shared/base/log.h"
#include "shared/infra/amqp.h"
#include "shared/infra/mongo.h"

#define COMMAND_MS 10000
#define MIGRATE_MS 600000 /* an index over a large collection takes its time */

#define auto_pool  AUTO_OF(mongo_pool_free)
#define auto_mongo AUTO_OF(mongo_close)
#define auto_amqp  AUTO_OF(amqp_free)

static int
exit_status(enum err err)
{
	if (err == ERR_OK)
		return EXIT_SUCCESS;
	return err == ERR_CONFIG     ? CONFIG_EXIT
	    : err_status(err) == 503 ? EX_UNAVAILABLE
				     : EXIT_FAILURE;
}

static enum err
migrate(const struct items_settings *settings)
{
	auto_pool struct mongo_pool *pool = NULL;
	auto_mongo struct mongo mongo = {.client = NULL};

	TRY(mongo_pool_new(settings->mongodb_uri, settings->mongodb_database, MIGRATE_MS,
	    "items --migrate", &pool));
	TRY(mongo_open(pool, &mongo));
	TRY(indexes_create(&mongo));
	log_info("the indexes are up to date", LOG_TEXT("database", settings->mongodb_database));
	return ERR_OK;
}

static int
run_migrate(void *settings, const char *argument)
{
	(void)argument;
	return exit_status(migrate(settings));
}

static enum err
check_mongodb(const struct items_settings *settings)
{
	struct deadline deadline = deadline_in(&clock_system, COMMAND_MS);
	auto_pool struct mongo_pool *pool = NULL;
	auto_mongo struct mongo mongo = {.client = NULL};

	TRY(mongo_pool_new(
	    settings->mongodb_uri, settings->mongodb_database, COMMAND_MS, "items --check", &pool));
	TRY(mongo_open(pool, &mongo));
	return mongo_ping(&mongo, &deadline);
}

static enum err
check_broker(const struct items_settings *settings)
{
	struct deadline deadline = deadline_in(&clock_system, COMMAND_MS);
	auto_amqp struct amqp *amqp = NULL;

	TRY(amqp_new(settings->amqp_url, "items --check", &clock_system, &amqp));
	return amqp_ping(amqp, &deadline);
}

/* All are tried, so that all faults are seen at once. */
static int
run_check(void *settings, const char *argument)
{
	static const struct {
		const char *what;
		enum err (*run)(const struct items_settings *settings);
	} checks[] = {{"MongoDB", check_mongodb}, {"RabbitMQ", check_broker}};
	enum err worst = ERR_OK;

	(void)argument;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		enum err err = checks[i].run(settings);

		(void)printf("%s: %s\n", checks[i].what, err == ERR_OK ? "ok" : err_name(err));
		worst = err != ERR_OK ? err : worst;
	}
	return exit_status(worst);
}

const struct command items_commands[] = {
    {"--migrate", NULL, "make the database's indexes and exit", run_migrate},
    {"--check", NULL, "test settings and connections and exit", run_check},
    {NULL, NULL, NULL, NULL},
};

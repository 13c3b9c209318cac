#include "fcgi/items/commands.h"

#include <stddef.h>

#include "fcgi/items/backfill.h"
#include "fcgi/items/claim_backfill.h"
#include "fcgi/items/indexes.h"
#include "fcgi/items/settings.h"
#include "fcgi/items/shards.h"
#include "shared/base/log.h"
#include "shared/infra/mongo.h"

#define COMMAND_MS  10000
#define MIGRATE_MS  600000   /* an index over a large collection takes its time */
#define BACKFILL_MS 86400000 /* a large catalogue takes its time, and a kill costs none of it */

#define auto_pool  AUTO_OF(mongo_pool_free)
#define auto_mongo AUTO_OF(mongo_close)

static enum err
migrate(const struct items_settings *settings)
{
	auto_pool struct mongo_pool *pool = NULL;
	auto_mongo struct mongo mongo = {.client = NULL};
	struct deadline deadline;

	TRY(mongo_pool_new(settings->mongodb_uri, settings->mongodb_database, MIGRATE_MS,
	    "items --migrate", &pool));
	TRY(mongo_open(pool, &mongo));
	TRY(indexes_create(&mongo));
	deadline = deadline_in(&clock_system, BACKFILL_MS);
	TRY(backfill_run(&mongo, &deadline));
	TRY(indexes_drop_former(&mongo));
	TRY(claim_backfill_run(&mongo, &deadline, clock_now_ms(&clock_system)));
	TRY(shards_create(&mongo));
	log_info("the indexes and the documents are up to date",
	    LOG_TEXT("database", settings->mongodb_database));
	return ERR_OK;
}

static int
run_migrate(void *settings, const char *argument)
{
	(void)argument;
	return program_exit_status(migrate(settings));
}

static enum err
check_mongodb(const void *context)
{
	const struct items_settings *settings = context;
	struct deadline deadline = deadline_in(&clock_system, COMMAND_MS);
	auto_pool struct mongo_pool *pool = NULL;
	auto_mongo struct mongo mongo = {.client = NULL};

	TRY(mongo_pool_new(
	    settings->mongodb_uri, settings->mongodb_database, COMMAND_MS, "items --check", &pool));
	TRY(mongo_open(pool, &mongo));
	return mongo_ping(&mongo, &deadline);
}

static enum err
check_broker(const void *context)
{
	const struct items_settings *settings = context;

	return amqp_settings_check(&settings->broker, "items --check");
}

static int
run_check(void *settings, const char *argument)
{
	static const struct program_check checks[] = {
	    {"MongoDB", check_mongodb},
	    {"RabbitMQ", check_broker},
	    {NULL, NULL},
	};

	(void)argument;
	return program_run_checks(checks, settings);
}

const struct command items_commands[] = {
    {"--migrate", NULL, "bring the database's indexes, shards and documents up to date and exit",
	run_migrate},
    {"--check", NULL, "test settings and connections and exit", run_check},
    {NULL, NULL, NULL, NULL},
};

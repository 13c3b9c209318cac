#include "shared/infra/mongo_shard.h"

#include <stdio.h>

#include "shared/base/str.h"

#define NAMESPACE_SIZE 256

static enum err
command_on_admin(const struct mongo *mongo, const bson_t *command, const char *name, bson_t *reply)
{
	bson_error_t error;

	if (mongoc_client_command_simple(mongo->client, "admin", command, NULL, reply, &error))
		return ERR_OK;
	return mongo_error(&error, reply, name);
}

enum err
mongo_is_router(const struct mongo *mongo, bool *router)
{
	auto_bson bson_t *command = BCON_NEW("hello", BCON_INT32(1));
	bson_t reply;
	bson_iter_t iter;
	enum err err = command_on_admin(mongo, command, "hello", &reply);

	if (err == ERR_OK)
		*router = bson_iter_init_find(&iter, &reply, "msg") &&
		    BSON_ITER_HOLDS_UTF8(&iter) &&
		    str_equal(bson_iter_utf8(&iter, NULL), "isdbgrid");
	bson_destroy(&reply);
	return err;
}

enum err
mongo_shard(const struct mongo *mongo, const char *collection, const bson_t *key)
{
	const char *database = mongoc_database_get_name(mongo->database);
	/* Of no effect since MongoDB 6.0. */
	auto_bson bson_t *enable = BCON_NEW("enableSharding", BCON_UTF8(database));
	auto_bson bson_t *shard = NULL;
	char name[NAMESPACE_SIZE];
	bson_t reply;
	enum err err;
	int len = snprintf(name, sizeof(name), "%s.%s", database, collection);

	if (len < 0 || (size_t)len >= sizeof(name))
		return ERR_CONFIG;
	shard = BCON_NEW("shardCollection", BCON_UTF8(name), "key", BCON_DOCUMENT(key));
	err = command_on_admin(mongo, enable, "enableSharding", &reply);
	bson_destroy(&reply);
	if (err != ERR_OK)
		return err;
	err = command_on_admin(mongo, shard, "shardCollection", &reply);
	bson_destroy(&reply);
	return err;
}

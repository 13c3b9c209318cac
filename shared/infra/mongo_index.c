#include "shared/infra/mongo_index.h"

#include <string.h>

#include "shared/base/log.h"

#define NAMESPACE_NOT_FOUND 26
#define INDEX_NOT_FOUND     27

enum err
mongo_create_index(
    const struct mongo *mongo, const char *collection, const struct mongo_index *index)
{
	auto_bson bson_t *definition =
	    BCON_NEW("name", BCON_UTF8(index->name), "key", BCON_DOCUMENT(index->keys));
	auto_bson bson_t *command = NULL;
	bson_error_t error;

	if (index->options != NULL && !bson_concat(definition, index->options))
		return ERR_MEMORY;
	command = BCON_NEW(
	    "createIndexes", BCON_UTF8(collection), "indexes", "[", BCON_DOCUMENT(definition), "]");
	if (mongoc_database_write_command_with_opts(mongo->database, command, NULL, NULL, &error))
		return ERR_OK;
	if (error.code == 85 || error.code == 86) { /* IndexOptionsConflict, …KeySpecsConflict */
		log_error("an index is there with another definition",
		    LOG_TEXT("collection", collection), LOG_TEXT("index", index->name));
		return ERR_CONFIG;
	}
	return mongo_error(&error, NULL, "createIndexes");
}

static bool
find_name(mongoc_cursor_t *indexes, const char *name)
{
	const bson_t *index;
	bson_iter_t iter;

	while (mongoc_cursor_next(indexes, &index))
		if (bson_iter_init_find(&iter, index, "name") && BSON_ITER_HOLDS_UTF8(&iter) &&
		    strcmp(bson_iter_utf8(&iter, NULL), name) == 0)
			return true;
	return false;
}

enum err
mongo_has_index(const struct mongo *mongo, const char *collection, const char *name, bool *out)
{
	mongoc_collection_t *of = mongo_collection(mongo, collection);
	mongoc_cursor_t *indexes = mongoc_collection_find_indexes_with_opts(of, NULL);
	bool found = find_name(indexes, name);
	bson_error_t error;
	enum err err = ERR_OK;

	if (mongoc_cursor_error(indexes, &error))
		err = mongo_error(&error, NULL, "listIndexes");
	else
		*out = found;
	mongoc_cursor_destroy(indexes);
	mongoc_collection_destroy(of);
	return err;
}

enum err
mongo_drop_index(const struct mongo *mongo, const char *collection, const char *name)
{
	auto_bson bson_t *command =
	    BCON_NEW("dropIndexes", BCON_UTF8(collection), "index", BCON_UTF8(name));
	bson_error_t error;

	if (mongoc_database_write_command_with_opts(mongo->database, command, NULL, NULL, &error) ||
	    error.code == INDEX_NOT_FOUND || error.code == NAMESPACE_NOT_FOUND)
		return ERR_OK;
	return mongo_error(&error, NULL, "dropIndexes");
}

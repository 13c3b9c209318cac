#include "shared/infra/mongo_ops.h"

#include <time.h>

#include "shared/base/id.h"
#include "shared/base/log.h"
#include "shared/infra/mongo_read.h"

#define CONFLICT_PAUSE_MAX_MS 8

/* Between two tries at a document that others write too: a moment, and never the same for two. */
static void
pause_after_conflict(void)
{
	struct timespec pause = {0, 0};
	uint32_t random;

	random_bytes(&random, sizeof(random));
	pause.tv_nsec = (long)(1 + random % CONFLICT_PAUSE_MAX_MS) * 1000000L;
	(void)nanosleep(&pause, NULL);
}

/* findAndModify counts as done for some versions of libmongoc when only its concern failed. */
static enum err
concern_error(const bson_t *reply, const char *operation)
{
	bson_error_t error = {.domain = MONGOC_ERROR_WRITE_CONCERN};
	bson_iter_t iter;
	bson_iter_t code;

	if (!bson_iter_init_find(&iter, reply, "writeConcernError"))
		return ERR_OK;
	if (BSON_ITER_HOLDS_DOCUMENT(&iter) && bson_iter_recurse(&iter, &code) &&
	    bson_iter_find(&code, "code"))
		error.code = (uint32_t)bson_iter_as_int64(&code);
	return mongo_error(&error, NULL, operation);
}

static enum err
outcome(bool done, const bson_t *reply, const bson_error_t *error, const char *operation)
{
	return done ? concern_error(reply, operation) : mongo_error(error, reply, operation);
}

static int64_t
reply_count(const bson_t *reply, const char *name)
{
	bson_iter_t iter;

	return bson_iter_init_find(&iter, reply, name) ? bson_iter_as_int64(&iter) : 0;
}

enum err
mongo_insert(
    mongoc_collection_t *collection, const struct deadline *deadline, const bson_t *document)
{
	enum err err;

	for (;;) {
		auto_bson bson_t *options = NULL;
		bson_error_t error;
		bson_t reply;
		int64_t ms;

		TRY(mongo_time_left(deadline, &ms));
		options = BCON_NEW("maxTimeMS", BCON_INT64(ms));
		err = outcome(
		    mongoc_collection_insert_one(collection, document, options, &reply, &error),
		    &reply, &error, "insert");
		bson_destroy(&reply);
		if (err != ERR_BUSY)
			return err;
		pause_after_conflict();
	}
}

static enum err
find_and_modify(mongoc_collection_t *collection, const bson_t *filter,
    const mongoc_find_and_modify_opts_t *options, bson_t **after)
{
	bson_error_t error;
	bson_iter_t value;
	bson_t *found = NULL;
	bson_t reply;
	enum err err;

	err = outcome(mongoc_collection_find_and_modify_with_opts(
			  collection, filter, options, &reply, &error),
	    &reply, &error, "findAndModify");
	if (err == ERR_OK && bson_iter_init_find(&value, &reply, "value") &&
	    BSON_ITER_HOLDS_DOCUMENT(&value)) {
		const uint8_t *bytes;
		uint32_t len;

		bson_iter_document(&value, &len, &bytes);
		found = bson_new_from_data(bytes, len);
		err = found != NULL ? ERR_OK : ERR_MEMORY;
	}
	bson_destroy(&reply);
	if (err == ERR_OK)
		*after = found;
	return err;
}

/* Until the document is not being written by somebody else. */
static enum err
run_find_and_modify(mongoc_collection_t *collection, const struct deadline *deadline,
    const bson_t *filter, mongoc_find_and_modify_opts_t *options, bson_t **after)
{
	for (;;) {
		int64_t ms;
		enum err err;

		TRY(mongo_time_left(deadline, &ms));
		(void)mongoc_find_and_modify_opts_set_max_time_ms(options, (uint32_t)ms);
		err = find_and_modify(collection, filter, options, after);
		if (err != ERR_BUSY)
			return err;
		pause_after_conflict();
	}
}

enum err
mongo_find_and_modify(mongoc_collection_t *collection, const struct deadline *deadline,
    const bson_t *filter, const bson_t *update, const bson_t *fields, bson_t **after)
{
	mongoc_find_and_modify_opts_t *options = mongoc_find_and_modify_opts_new();
	enum err err;

	TRY_ALLOC(options);
	(void)mongoc_find_and_modify_opts_set_update(options, update);
	(void)mongoc_find_and_modify_opts_set_flags(options, MONGOC_FIND_AND_MODIFY_RETURN_NEW);
	if (fields != NULL)
		(void)mongoc_find_and_modify_opts_set_fields(options, fields);
	err = run_find_and_modify(collection, deadline, filter, options, after);
	mongoc_find_and_modify_opts_destroy(options);
	return err;
}

/* By findAndModify, because libmongoc's update takes no maxTimeMS. */
enum err
mongo_update_one(mongoc_collection_t *collection, const struct deadline *deadline,
    const bson_t *filter, const bson_t *update, bool *matched)
{
	auto_bson bson_t *fields = BCON_NEW("_id", BCON_INT32(1));
	auto_bson bson_t *after = NULL;

	TRY(mongo_find_and_modify(collection, deadline, filter, update, fields, &after));
	*matched = after != NULL;
	return ERR_OK;
}

enum err
mongo_delete_one(mongoc_collection_t *collection, const struct deadline *deadline,
    const bson_t *filter, bool *deleted)
{
	mongoc_find_and_modify_opts_t *options = mongoc_find_and_modify_opts_new();
	auto_bson bson_t *fields = BCON_NEW("_id", BCON_INT32(1));
	auto_bson bson_t *before = NULL;
	enum err err;

	TRY_ALLOC(options);
	(void)mongoc_find_and_modify_opts_set_flags(options, MONGOC_FIND_AND_MODIFY_REMOVE);
	(void)mongoc_find_and_modify_opts_set_fields(options, fields);
	err = run_find_and_modify(collection, deadline, filter, options, &before);
	mongoc_find_and_modify_opts_destroy(options);
	if (err == ERR_OK)
		*deleted = before != NULL;
	return err;
}

/* NULL: the collection's own concern. */
static bson_t *
many_options(enum mongo_durability durability)
{
	return durability == MONGO_FAST ? BCON_NEW("writeConcern", "{", "w", BCON_INT32(1), "}")
					: NULL;
}

static enum err
update_many(mongoc_collection_t *collection, enum mongo_durability durability, const bson_t *filter,
    const bson_t *update, int64_t *matched)
{
	auto_bson bson_t *options = many_options(durability);
	bson_error_t error;
	bson_t reply;
	enum err err;

	err = outcome(
	    mongoc_collection_update_many(collection, filter, update, options, &reply, &error),
	    &reply, &error, "update");
	if (err == ERR_OK)
		*matched = reply_count(&reply, "matchedCount");
	bson_destroy(&reply);
	return err;
}

enum err
mongo_update_many(mongoc_collection_t *collection, const struct deadline *deadline,
    enum mongo_durability durability, const bson_t *filter, const bson_t *update, int64_t *matched)
{
	for (;;) {
		int64_t ms;
		enum err err;

		TRY(mongo_time_left(deadline, &ms));
		err = update_many(collection, durability, filter, update, matched);
		if (err != ERR_BUSY)
			return err;
		pause_after_conflict();
	}
}

static enum err
delete_many(mongoc_collection_t *collection, enum mongo_durability durability, const bson_t *filter)
{
	auto_bson bson_t *options = many_options(durability);
	bson_error_t error;
	bson_t reply;
	enum err err;

	err = outcome(mongoc_collection_delete_many(collection, filter, options, &reply, &error),
	    &reply, &error, "delete");
	bson_destroy(&reply);
	return err;
}

enum err
mongo_delete_many(mongoc_collection_t *collection, const struct deadline *deadline,
    enum mongo_durability durability, const bson_t *filter)
{
	for (;;) {
		int64_t ms;
		enum err err;

		TRY(mongo_time_left(deadline, &ms));
		err = delete_many(collection, durability, filter);
		if (err != ERR_BUSY)
			return err;
		pause_after_conflict();
	}
}

struct one {
	bson_t *document;
};

static enum err
keep_one(void *context, const bson_t *document, bool *stop)
{
	struct one *one = context;

	one->document = bson_copy(document);
	TRY_ALLOC(one->document);
	*stop = true;
	return ERR_OK;
}

enum err
mongo_find_one(mongoc_collection_t *collection, const struct deadline *deadline,
    const bson_t *filter, const bson_t *fields, bson_t **out)
{
	const struct mongo_find find = {.filter = filter, .fields = fields, .limit = 1};
	struct one one = {NULL};

	TRY(mongo_find_each(collection, deadline, &find, keep_one, &one));
	*out = one.document;
	return ERR_OK;
}

static enum err
find_options(const struct deadline *deadline, const struct mongo_find *find, bson_t **options)
{
	int64_t ms;
	bool fits = true;

	TRY(mongo_time_left(deadline, &ms));
	*options = BCON_NEW("maxTimeMS", BCON_INT64(ms), "limit", BCON_INT64(find->limit));
	TRY_ALLOC(*options);
	if (find->fields != NULL)
		fits = BSON_APPEND_DOCUMENT(*options, "projection", find->fields);
	if (fits && find->sort != NULL)
		fits = BSON_APPEND_DOCUMENT(*options, "sort", find->sort);
	if (fits && find->skip > 0)
		fits = BSON_APPEND_INT64(*options, "skip", find->skip);
	if (fits && find->batch > 0)
		fits = BSON_APPEND_INT32(*options, "batchSize", find->batch);
	if (fits && find->hint != NULL)
		fits = BSON_APPEND_UTF8(*options, "hint", find->hint);
	return fits ? ERR_OK : ERR_MEMORY;
}

/* The walk of CURSOR, which it ends. */
static enum err
walk(mongoc_cursor_t *cursor, enum err (*each)(void *context, const bson_t *document, bool *stop),
    void *context)
{
	const bson_t *document, *reply;
	bson_error_t error;
	bool stop = false;
	enum err err = ERR_OK;

	while (err == ERR_OK && !stop && mongoc_cursor_next(cursor, &document))
		err = each(context, document, &stop);
	if (err == ERR_OK && mongoc_cursor_error_document(cursor, &error, &reply))
		err = mongo_error(&error, reply, "find");
	mongoc_cursor_destroy(cursor);
	return err;
}

enum err
mongo_find_each(mongoc_collection_t *collection, const struct deadline *deadline,
    const struct mongo_find *find,
    enum err (*each)(void *context, const bson_t *document, bool *stop), void *context)
{
	auto_bson bson_t *options = NULL;

	TRY(find_options(deadline, find, &options));
	return walk(mongoc_collection_find_with_opts(collection, find->filter, options, NULL), each,
	    context);
}

/* The command of PIPELINE; its whole result comes in the one reply. */
static enum err
aggregation(mongoc_collection_t *collection, const struct deadline *deadline,
    const bson_t *pipeline, bson_t **command)
{
	int64_t ms;

	TRY(mongo_time_left(deadline, &ms));
	*command = BCON_NEW("aggregate", BCON_UTF8(mongoc_collection_get_name(collection)),
	    "cursor", "{", "batchSize", BCON_INT32(INT32_MAX), "}", "maxTimeMS", BCON_INT64(ms));
	TRY_ALLOC(*command);
	return BSON_APPEND_ARRAY(*command, "pipeline", pipeline) ? ERR_OK : ERR_MEMORY;
}

static enum err
walk_reply(const bson_t *reply, enum err (*each)(void *context, const bson_t *document, bool *stop),
    void *context)
{
	struct mongo_array batch;
	bson_t cursor;
	bson_t document;
	int64_t open;
	bool stop = false;

	TRY(mongo_get_document(reply, "cursor", &cursor));
	TRY(mongo_get_int(&cursor, "id", &open));
	if (open != 0) {
		log_error(
		    "a result is too large for one reply", LOG_TEXT("operation", "aggregate"));
		return ERR_INTERNAL;
	}
	TRY(mongo_array_begin(&cursor, "firstBatch", &batch));
	while (!stop && mongo_array_next(&batch)) {
		TRY(mongo_array_document(&batch, &document));
		TRY(each(context, &document, &stop));
	}
	return ERR_OK;
}

/* By hand, because Debian 13's libmongoc (1.30.4-1+deb13u3) takes the collection's full name for
 * its database's in mongoc_collection_aggregate, and refuses it. */
enum err
mongo_aggregate_each(mongoc_collection_t *collection, const struct deadline *deadline,
    const bson_t *pipeline, enum err (*each)(void *context, const bson_t *document, bool *stop),
    void *context)
{
	auto_bson bson_t *command = NULL;
	bson_t reply;
	bson_error_t error;
	enum err err;

	TRY(aggregation(collection, deadline, pipeline, &command));
	if (mongoc_collection_read_command_with_opts(
		collection, command, NULL, NULL, &reply, &error))
		err = walk_reply(&reply, each, context);
	else
		err = mongo_error(&error, &reply, "aggregate");
	bson_destroy(&reply);
	return err;
}

enum err
mongo_count(mongoc_collection_t *collection, const struct deadline *deadline, const bson_t *filter,
    int64_t most, int64_t *count)
{
	auto_bson bson_t *options = NULL;
	bson_error_t error;
	int64_t counted, ms;

	TRY(mongo_time_left(deadline, &ms));
	options = BCON_NEW("limit", BCON_INT64(most), "maxTimeMS", BCON_INT64(ms));
	counted =
	    mongoc_collection_count_documents(collection, filter, options, NULL, NULL, &error);
	if (counted < 0)
		return mongo_error(&error, NULL, "count");
	*count = counted;
	return ERR_OK;
}

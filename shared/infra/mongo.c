#include "shared/infra/mongo.h"

#include <pthread.h>
#include <stdlib.h>

#include "shared/base/check.h"
#include "shared/base/log.h"
#include "shared/base/str.h"

/* More than any WORKERS and all background threads: taking a client never waits. */
#define CLIENTS_MAX   1100
#define BACKOFF_SHARE 3 /* finding a server may take this part of a request's time */
#define SILENCE_SHARE 2 /* and waiting for one that says nothing this part */

struct mongo_pool {
	mongoc_client_pool_t *clients;
	mongoc_uri_t *uri;
	mongoc_write_concern_t *majority;
	char *database;
};

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

/* libmongoc's own lines: hosts and causes, never credentials. */
static void
log_library_line(mongoc_log_level_t level, const char *domain, const char *message, void *user_data)
{
	(void)user_data;
	if (level == MONGOC_LOG_LEVEL_ERROR || level == MONGOC_LOG_LEVEL_CRITICAL)
		log_error("libmongoc", LOG_TEXT("component", domain), LOG_TEXT("detail", message));
	else if (level == MONGOC_LOG_LEVEL_WARNING)
		log_warn("libmongoc", LOG_TEXT("component", domain), LOG_TEXT("detail", message));
}

static void
start_library(void)
{
	mongoc_log_set_handler(log_library_line, NULL);
	mongoc_init();
	(void)atexit(mongoc_cleanup);
}

static void
set_unless_said(mongoc_uri_t *uri, const char *option, int64_t ms)
{
	int32_t value = ms > INT32_MAX ? INT32_MAX : (int32_t)ms;

	if (!mongoc_uri_has_option(uri, option))
		check(mongoc_uri_set_option_as_int32(uri, option, value));
}

static enum err
parse_uri(const char *text, int64_t timeout_ms, mongoc_uri_t **out)
{
	bson_error_t error;
	mongoc_uri_t *uri = mongoc_uri_new_with_error(text, &error);
	int64_t finding_ms = timeout_ms / BACKOFF_SHARE + 1;

	if (uri == NULL) {
		/* The library's message may quote the URI, and with it a password. */
		log_error("MongoDB's connection string is not valid", LOG_INT("code", error.code));
		return ERR_CONFIG;
	}
	set_unless_said(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, finding_ms);
	set_unless_said(uri, MONGOC_URI_CONNECTTIMEOUTMS, finding_ms);
	set_unless_said(uri, MONGOC_URI_SOCKETTIMEOUTMS, timeout_ms / SILENCE_SHARE + 1);
	*out = uri;
	return ERR_OK;
}

enum err
mongo_pool_new(const char *uri, const char *database, int64_t timeout_ms, const char *application,
    struct mongo_pool **out)
{
	struct mongo_pool *pool;

	check(pthread_once(&library_once, start_library) == 0);
	pool = calloc(1, sizeof(*pool));
	TRY_ALLOC(pool);
	if (parse_uri(uri, timeout_ms, &pool->uri) != ERR_OK)
		goto bad_uri;
	pool->clients = mongoc_client_pool_new(pool->uri); /* NULL: TLS or options it can't serve */
	if (pool->clients == NULL)
		goto bad_uri;
	(void)mongoc_client_pool_set_error_api(pool->clients, MONGOC_ERROR_API_VERSION_2);
	(void)mongoc_client_pool_set_appname(pool->clients, application);
	mongoc_client_pool_max_size(pool->clients, CLIENTS_MAX);
	pool->majority = mongoc_write_concern_new();
	mongoc_write_concern_set_w(pool->majority, MONGOC_WRITE_CONCERN_W_MAJORITY);
	mongoc_write_concern_set_journal(pool->majority, true);
	pool->database = bson_strdup(database);
	*out = pool;
	return ERR_OK;
bad_uri:
	mongo_pool_free(&pool);
	return ERR_CONFIG;
}

void
mongo_pool_free(struct mongo_pool **pool)
{
	if (*pool == NULL)
		return;
	if ((*pool)->clients != NULL)
		mongoc_client_pool_destroy((*pool)->clients);
	mongoc_write_concern_destroy((*pool)->majority);
	mongoc_uri_destroy((*pool)->uri);
	bson_free((*pool)->database);
	free(*pool);
	*pool = NULL;
}

enum err
mongo_open(struct mongo_pool *pool, struct mongo *out)
{
	mongoc_client_t *client = mongoc_client_pool_pop(pool->clients);

	TRY_ALLOC(client);
	mongoc_client_set_write_concern(client, pool->majority);
	out->pool = pool;
	out->client = client;
	out->database = mongoc_client_get_database(client, pool->database);
	return ERR_OK;
}

void
mongo_close(struct mongo *mongo)
{
	if (mongo->client == NULL)
		return;
	mongoc_database_destroy(mongo->database);
	mongoc_client_pool_push(mongo->pool->clients, mongo->client);
	mongo->database = NULL;
	mongo->client = NULL;
}

mongoc_collection_t *
mongo_collection(const struct mongo *mongo, const char *name)
{
	return mongoc_database_get_collection(mongo->database, name);
}

/* Codes of https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
static enum err
server_code_meaning(uint32_t code)
{
	switch (code) {
	case 11000: /* DuplicateKey */
	case 11001:
	case 12582: /* DuplicateKey, as mongos tells it */
		return ERR_CONFLICT;
	case 112: /* WriteConflict */
	case 24:  /* LockTimeout */
		return ERR_BUSY;
	case 50:  /* MaxTimeMSExpired */
	case 262: /* ExceededTimeLimit */
	case 64:  /* WriteConcernFailed: not on a majority in time */
		return ERR_DEADLINE;
	case 43:    /* CursorNotFound: the server started anew, or another leads now */
	case 237:   /* CursorKilled */
	case 6:     /* HostUnreachable */
	case 7:     /* HostNotFound */
	case 89:    /* NetworkTimeout */
	case 91:    /* ShutdownInProgress */
	case 100:   /* UnsatisfiableWriteConcern: too few members are up */
	case 133:   /* FailedToSatisfyReadPreference */
	case 189:   /* PrimarySteppedDown */
	case 9001:  /* SocketException */
	case 10058: /* LegacyNotPrimary */
	case 10107: /* NotWritablePrimary */
	case 11600: /* InterruptedAtShutdown */
	case 11602: /* InterruptedDueToReplStateChange */
	case 13435: /* NotPrimaryNoSecondaryOk */
	case 13436: /* NotPrimaryOrSecondary */
		return ERR_UNAVAILABLE;
	default:
		return ERR_INTERNAL;
	}
}

static enum err
meaning(const bson_error_t *error, const bson_t *reply)
{
	switch (error->domain) {
	case MONGOC_ERROR_STREAM:
	case MONGOC_ERROR_SERVER_SELECTION:
		return ERR_UNAVAILABLE;
	case MONGOC_ERROR_CLIENT:
		return error->code == MONGOC_ERROR_CLIENT_AUTHENTICATE ? ERR_UNAVAILABLE
								       : ERR_INTERNAL;
	case MONGOC_ERROR_PROTOCOL: /* what came was cut short or is no answer */
		return ERR_UNAVAILABLE;
	case MONGOC_ERROR_WRITE_CONCERN: /* written, and perhaps rolled back later */
		return server_code_meaning(error->code) == ERR_UNAVAILABLE ? ERR_UNAVAILABLE
									   : ERR_DEADLINE;
	case MONGOC_ERROR_SERVER:
	case MONGOC_ERROR_COLLECTION:
		if (reply != NULL && mongoc_error_has_label(reply, "RetryableWriteError") &&
		    server_code_meaning(error->code) == ERR_INTERNAL)
			return ERR_UNAVAILABLE;
		return server_code_meaning(error->code);
	default:
		return ERR_INTERNAL;
	}
}

enum err
mongo_error(const bson_error_t *error, const bson_t *reply, const char *operation)
{
	enum err err = meaning(error, reply);

	if (err == ERR_INTERNAL)
		log_error("MongoDB refused an operation", LOG_TEXT("operation", operation),
		    LOG_INT("domain", error->domain), LOG_INT("code", error->code));
	else if (err != ERR_CONFLICT && err != ERR_BUSY)
		log_warn("MongoDB did not answer as it should", LOG_TEXT("operation", operation),
		    LOG_ERR(err), LOG_INT("domain", error->domain), LOG_INT("code", error->code));
	return err;
}

enum err
mongo_time_left(const struct deadline *deadline, int64_t *ms)
{
	int64_t left = deadline_left_ms(deadline);

	if (left <= 0)
		return ERR_DEADLINE;
	*ms = left > INT32_MAX ? INT32_MAX : left;
	return ERR_OK;
}

enum err
mongo_ping(struct mongo *mongo, const struct deadline *deadline)
{
	auto_bson bson_t *command = NULL;
	bson_error_t error;
	int64_t ms;

	TRY(mongo_time_left(deadline, &ms));
	command = BCON_NEW("ping", BCON_INT32(1), "maxTimeMS", BCON_INT64(ms));
	if (!mongoc_client_command_simple(mongo->client, "admin", command, NULL, NULL, &error))
		return mongo_error(&error, NULL, "ping");
	return ERR_OK;
}

/*
 * bench/document_sizes: how long the documents of collections are, as BSON.
 *
 *   document_sizes MONGODB_URI DATABASE COLLECTION...
 *
 * Prints a line for each: its name, how many documents were looked at, their mean length in bytes.
 */
#include <inttypes.h>
#include <mongoc/mongoc.h>
#include <stdio.h>
#include <stdlib.h>

#define SAMPLE 1000

static bool
measure(mongoc_client_t *client, const char *database, const char *name)
{
	mongoc_collection_t *collection = mongoc_client_get_collection(client, database, name);
	bson_t everything = BSON_INITIALIZER;
	bson_t *options = BCON_NEW("limit", BCON_INT64(SAMPLE));
	mongoc_cursor_t *cursor =
	    mongoc_collection_find_with_opts(collection, &everything, options, NULL);
	uint64_t count = 0, sum = 0;
	const bson_t *document;
	bson_error_t error;
	bool fine;

	for (; mongoc_cursor_next(cursor, &document); count++)
		sum += document->len;
	fine = !mongoc_cursor_error(cursor, &error) && count > 0;
	if (fine)
		printf("%s %" PRIu64 " %" PRIu64 "\n", name, count, sum / count);
	mongoc_cursor_destroy(cursor);
	bson_destroy(options);
	bson_destroy(&everything);
	mongoc_collection_destroy(collection);
	return fine;
}

int
main(int argc, char **argv)
{
	mongoc_client_t *client;
	bool fine = argc > 3;

	if (!fine) {
		(void)fputs("usage: document_sizes MONGODB_URI DATABASE COLLECTION...\n", stderr);
		return EXIT_FAILURE;
	}
	mongoc_init();
	client = mongoc_client_new(argv[1]);
	for (int i = 3; fine && i < argc; i++)
		fine = client != NULL && measure(client, argv[2], argv[i]);
	mongoc_client_destroy(client);
	mongoc_cleanup();
	return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}

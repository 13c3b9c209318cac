/*
 * documents: everything that MongoDB holds of the shop, a document a line, as JSON.
 *
 *   documents MONGODB_URI DATABASE
 */
#include <stdio.h>
#include <stdlib.h>

#include <mongoc/mongoc.h>

static int
print_collection(mongoc_client_t *client, const char *database, const char *name)
{
	mongoc_collection_t *collection = mongoc_client_get_collection(client, database, name);
	bson_t everything = BSON_INITIALIZER;
	mongoc_cursor_t *cursor =
	    mongoc_collection_find_with_opts(collection, &everything, NULL, NULL);
	const bson_t *document;
	bson_error_t error;
	int result = 0;

	while (mongoc_cursor_next(cursor, &document)) {
		char *text = bson_as_relaxed_extended_json(document, NULL);

		(void)printf("%s %s\n", name, text);
		bson_free(text);
	}
	if (mongoc_cursor_error(cursor, &error)) {
		(void)fprintf(stderr, "documents: %s: %s\n", name, error.message);
		result = 1;
	}
	mongoc_cursor_destroy(cursor);
	bson_destroy(&everything);
	mongoc_collection_destroy(collection);
	return result;
}

static int
print_database(mongoc_client_t *client, const char *name)
{
	mongoc_database_t *database = mongoc_client_get_database(client, name);
	bson_error_t error = {.code = 0};
	char **names = mongoc_database_get_collection_names_with_opts(database, NULL, &error);
	int result = names == NULL;

	if (names == NULL)
		(void)fprintf(stderr, "documents: %s\n", error.message);
	for (char **at = names; at != NULL && *at != NULL; at++)
		result |= print_collection(client, name, *at);
	bson_strfreev(names);
	mongoc_database_destroy(database);
	return result;
}

int
main(int argc, char **argv)
{
	mongoc_client_t *client;
	int result = 1;

	if (argc != 3) {
		(void)fprintf(stderr, "usage: documents MONGODB_URI DATABASE\n");
		return EXIT_FAILURE;
	}
	mongoc_init();
	client = mongoc_client_new(argv[1]);
	if (client != NULL)
		result = print_database(client, argv[2]);
	mongoc_client_destroy(client);
	mongoc_cleanup();
	return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

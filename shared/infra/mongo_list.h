/*
 * infra/mongo_list: arrays of a BSON document, written element by element.
 *
 * Layer: infra.  BSON names an array's elements by their numbers; whoever writes one need not.
 * What returns false found the document full: it can only be thrown away.  Pure functions.
 */
#ifndef SHARED_INFRA_MONGO_LIST_H
#define SHARED_INFRA_MONGO_LIST_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stdint.h>

struct mongo_list {
	bson_t bson;
	uint32_t count;
	char key[16];
};

/* An array inside DOCUMENT, which takes nothing else until the end. */
bool mongo_list_begin(bson_t *document, const char *name, struct mongo_list *list);
bool mongo_list_end(bson_t *document, struct mongo_list *list);
/* One that stands by itself, to be put into several documents. */
void mongo_list_init(struct mongo_list *list);
void mongo_list_fini(struct mongo_list *list);

bool mongo_list_put_text(struct mongo_list *list, const char *text);
bool mongo_list_open(struct mongo_list *list, bson_t *element);
bool mongo_list_close(struct mongo_list *list, bson_t *element);
/* The next element's name, for what appends to list->bson; good until the next call. */
const char *mongo_list_next(struct mongo_list *list);

/* Of an update: {$pull: {ARRAY: {MEMBER: {$in: [VALUES]}}}}. */
struct mongo_pull {
	bson_t pull, array, member;
	struct mongo_list values;
};

bool mongo_pull_begin(
    bson_t *update, const char *array, const char *member, struct mongo_pull *pull);
bool mongo_pull_end(bson_t *update, struct mongo_pull *pull);

#endif

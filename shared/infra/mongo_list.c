#include "shared/infra/mongo_list.h"

#include "shared/infra/mongo_read.h"

bool
mongo_list_begin(bson_t *document, const char *name, struct mongo_list *list)
{
	list->count = 0;
	return bson_append_array_begin(document, name, -1, &list->bson);
}

bool
mongo_list_end(bson_t *document, struct mongo_list *list)
{
	return bson_append_array_end(document, &list->bson);
}

void
mongo_list_init(struct mongo_list *list)
{
	list->count = 0;
	bson_init(&list->bson);
}

void
mongo_list_fini(struct mongo_list *list)
{
	bson_destroy(&list->bson);
}

const char *
mongo_list_next(struct mongo_list *list)
{
	const char *key;

	bson_uint32_to_string(list->count++, &key, list->key, sizeof(list->key));
	return key;
}

bool
mongo_list_put_text(struct mongo_list *list, const char *text)
{
	return mongo_put_text(&list->bson, mongo_list_next(list), text);
}

bool
mongo_list_open(struct mongo_list *list, bson_t *element)
{
	return bson_append_document_begin(&list->bson, mongo_list_next(list), -1, element);
}

bool
mongo_list_close(struct mongo_list *list, bson_t *element)
{
	return bson_append_document_end(&list->bson, element);
}

bool
mongo_pull_begin(bson_t *update, const char *array, const char *member, struct mongo_pull *pull)
{
	return BSON_APPEND_DOCUMENT_BEGIN(update, "$pull", &pull->pull) &&
	    BSON_APPEND_DOCUMENT_BEGIN(&pull->pull, array, &pull->array) &&
	    BSON_APPEND_DOCUMENT_BEGIN(&pull->array, member, &pull->member) &&
	    mongo_list_begin(&pull->member, "$in", &pull->values);
}

bool
mongo_pull_end(bson_t *update, struct mongo_pull *pull)
{
	return mongo_list_end(&pull->member, &pull->values) &&
	    bson_append_document_end(&pull->array, &pull->member) &&
	    bson_append_document_end(&pull->pull, &pull->array) &&
	    bson_append_document_end(update, &pull->pull);
}

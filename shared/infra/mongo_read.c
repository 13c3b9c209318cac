#include "shared/infra/mongo_read.h"

#include <string.h>

bool
mongo_has(const bson_t *document, const char *name)
{
	bson_iter_t iter;

	return bson_iter_init_find(&iter, document, name) && !BSON_ITER_HOLDS_NULL(&iter);
}

enum err
mongo_get_text(const bson_t *document, const char *name, const char **out)
{
	bson_iter_t iter;

	if (!bson_iter_init_find(&iter, document, name) || !BSON_ITER_HOLDS_UTF8(&iter))
		return ERR_CORRUPT;
	*out = bson_iter_utf8(&iter, NULL);
	return ERR_OK;
}

enum err
mongo_get_int(const bson_t *document, const char *name, int64_t *out)
{
	bson_iter_t iter;

	if (!bson_iter_init_find(&iter, document, name))
		return ERR_CORRUPT;
	if (!BSON_ITER_HOLDS_INT64(&iter) && !BSON_ITER_HOLDS_INT32(&iter))
		return ERR_CORRUPT;
	*out = bson_iter_as_int64(&iter);
	return ERR_OK;
}

enum err
mongo_get_time(const bson_t *document, const char *name, int64_t *unix_ms)
{
	bson_iter_t iter;

	if (!bson_iter_init_find(&iter, document, name) || !BSON_ITER_HOLDS_DATE_TIME(&iter))
		return ERR_CORRUPT;
	*unix_ms = bson_iter_date_time(&iter);
	return ERR_OK;
}

enum err
mongo_get_id(const bson_t *document, const char *name, struct id *out)
{
	const char *text;

	TRY(mongo_get_text(document, name, &text));
	return id_parse(text, out) == ERR_OK ? ERR_OK : ERR_CORRUPT;
}

enum err
mongo_get_document(const bson_t *document, const char *name, bson_t *out)
{
	const uint8_t *bytes;
	bson_iter_t iter;
	uint32_t len;

	if (!bson_iter_init_find(&iter, document, name) || !BSON_ITER_HOLDS_DOCUMENT(&iter))
		return ERR_CORRUPT;
	bson_iter_document(&iter, &len, &bytes);
	return bson_init_static(out, bytes, len) ? ERR_OK : ERR_CORRUPT;
}

enum err
mongo_get_money(const bson_t *document, const char *name, struct money *out)
{
	struct money money;
	const char *currency;
	bson_t inner;

	TRY(mongo_get_document(document, name, &inner));
	TRY(mongo_get_int(&inner, "amount", &money.amount_minor));
	TRY(mongo_get_text(&inner, "currency", &currency));
	if (strlen(currency) != sizeof(money.currency) - 1)
		return ERR_CORRUPT;
	memcpy(money.currency, currency, sizeof(money.currency));
	*out = money;
	return ERR_OK;
}

enum err
mongo_array_begin(const bson_t *document, const char *name, struct mongo_array *array)
{
	bson_iter_t iter;

	array->empty = !bson_iter_init_find(&iter, document, name);
	if (array->empty)
		return ERR_OK;
	if (!BSON_ITER_HOLDS_ARRAY(&iter) || !bson_iter_recurse(&iter, &array->iter))
		return ERR_CORRUPT;
	return ERR_OK;
}

uint32_t
mongo_array_count(const bson_t *document, const char *name)
{
	struct mongo_array array;
	uint32_t count = 0;

	if (mongo_array_begin(document, name, &array) != ERR_OK)
		return 0;
	while (mongo_array_next(&array))
		count++;
	return count;
}

bool
mongo_array_next(struct mongo_array *array)
{
	return !array->empty && bson_iter_next(&array->iter);
}

enum err
mongo_array_text(const struct mongo_array *array, const char **out)
{
	if (!BSON_ITER_HOLDS_UTF8(&array->iter))
		return ERR_CORRUPT;
	*out = bson_iter_utf8(&array->iter, NULL);
	return ERR_OK;
}

enum err
mongo_array_document(const struct mongo_array *array, bson_t *out)
{
	const uint8_t *bytes;
	uint32_t len;

	if (!BSON_ITER_HOLDS_DOCUMENT(&array->iter))
		return ERR_CORRUPT;
	bson_iter_document(&array->iter, &len, &bytes);
	return bson_init_static(out, bytes, len) ? ERR_OK : ERR_CORRUPT;
}

bool
mongo_put_text(bson_t *document, const char *name, const char *text)
{
	return bson_append_utf8(document, name, -1, text, -1);
}

bool
mongo_put_money(bson_t *document, const char *name, const struct money *money)
{
	bson_t inner;

	return BSON_APPEND_DOCUMENT_BEGIN(document, name, &inner) &&
	    BSON_APPEND_INT64(&inner, "amount", money->amount_minor) &&
	    mongo_put_text(&inner, "currency", money->currency) &&
	    bson_append_document_end(document, &inner);
}

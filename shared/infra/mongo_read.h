/*
 * infra/mongo_read: fields of a BSON document by name, with their types checked.
 *
 * Layer: infra.  A field that is missing or of another type than it was written as is ERR_CORRUPT:
 * the store holds what it never should.  Texts are borrowed from the document.  Pure functions.
 */
#ifndef SHARED_INFRA_MONGO_READ_H
#define SHARED_INFRA_MONGO_READ_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stdint.h>

#include "shared/base/err.h"
#include "shared/base/id.h"
#include "shared/base/money.h"

/* Is the field there, and not null? */
bool mongo_has(const bson_t *document, const char *name);
MUST_USE enum err mongo_get_text(const bson_t *document, const char *name, const char **out);
/* Any BSON number without a fraction. */
MUST_USE enum err mongo_get_int(const bson_t *document, const char *name, int64_t *out);
/* A BSON date as Unix milliseconds. */
MUST_USE enum err mongo_get_time(const bson_t *document, const char *name, int64_t *unix_ms);
MUST_USE enum err mongo_get_id(const bson_t *document, const char *name, struct id *out);
/* {amount: int64, currency: string} */
MUST_USE enum err mongo_get_money(const bson_t *document, const char *name, struct money *out);
/* *OUT is a view into DOCUMENT; nothing to free. */
MUST_USE enum err mongo_get_document(const bson_t *document, const char *name, bson_t *out);

/* A walk over an array's elements; an array that is missing counts as empty. */
struct mongo_array {
	bson_iter_t iter;
	bool empty;
};

MUST_USE enum err mongo_array_begin(
    const bson_t *document, const char *name, struct mongo_array *array);
uint32_t mongo_array_count(const bson_t *document, const char *name);
/* False at the end. */
bool mongo_array_next(struct mongo_array *array);
/* The present element. */
MUST_USE enum err mongo_array_text(const struct mongo_array *array, const char **out);
MUST_USE enum err mongo_array_document(const struct mongo_array *array, bson_t *out);

/* Appends {amount, currency}.  False when the document is full. */
bool mongo_put_money(bson_t *document, const char *name, const struct money *money);
bool mongo_put_text(bson_t *document, const char *name, const char *text);

#endif

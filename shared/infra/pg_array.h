/*
 * infra/pg_array: a statement's value that is an array: as text, element by element.
 *
 * Layer: infra.  Pure; errors stick in the buffer.
 */
#ifndef SHARED_INFRA_PG_ARRAY_H
#define SHARED_INFRA_PG_ARRAY_H

#include <stdint.h>

#include "shared/base/buf.h"

/* ARRAY is empty before the first.  NULL becomes NULL. */
void pg_array_put(struct buf *array, const char *text);
void pg_array_put_int(struct buf *array, int64_t number);
/* After the last, if there was one: the array's text.  ERR_MEMORY. */
MUST_USE enum err pg_array_end(struct buf *array, const char **out);

#endif

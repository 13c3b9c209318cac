/*
 * infra/pg_result: the rows that a statement gave.
 *
 * Layer: infra.  Borrowed texts live as long as the result.  Reading a value as what it is not, or
 * beyond the last row, is a fault of our own SQL and ends the process.  One thread at a time.
 */
#ifndef SHARED_INFRA_PG_RESULT_H
#define SHARED_INFRA_PG_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/cleanup.h"
#include "shared/base/err.h"
#include "shared/base/id.h"

struct pg_result;

size_t pg_rows(const struct pg_result *result);
/* Rows that an INSERT, UPDATE or DELETE touched. */
size_t pg_affected(const struct pg_result *result);
bool pg_is_null(const struct pg_result *result, size_t row, size_t column);
const char *pg_text(const struct pg_result *result, size_t row, size_t column); /* NULL for NULL */
/* A text that outlives the result.  NULL for NULL; ERR_MEMORY. */
MUST_USE enum err pg_copy(const struct pg_result *result, size_t row, size_t column,
    struct arena *arena, const char **out);
int64_t pg_int(const struct pg_result *result, size_t row, size_t column);
bool pg_bool(const struct pg_result *result, size_t row, size_t column);
/* timestamptz selected as (extract(epoch from t)*1000)::bigint is read by pg_int. */
struct id pg_id(const struct pg_result *result, size_t row, size_t column);
void pg_result_free(struct pg_result **result);

#define auto_pg_result AUTO_OF(pg_result_free)

#endif

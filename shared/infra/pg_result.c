#include "shared/infra/pg_result.h"

#include <libpq-fe.h>
#include <limits.h>

#include "shared/base/check.h"
#include "shared/base/err.h"
#include "shared/base/num.h"
#include "shared/base/str.h"

/* A struct pg_result is libpq's own, under a name that keeps libpq out of other headers. */
static const PGresult *
native(const struct pg_result *result)
{
	check(result != NULL);
	return (const PGresult *)result;
}

size_t
pg_rows(const struct pg_result *result)
{
	return (size_t)PQntuples(native(result));
}

size_t
pg_affected(const struct pg_result *result)
{
	union {
		const PGresult *borrowed;
		PGresult *asked; /* PQcmdTuples only reads, yet does not say const */
	} view = {native(result)};
	const char *text = PQcmdTuples(view.asked);
	int64_t count = 0;

	if (*text != '\0')
		check(num_parse_i64(text, 0, INT64_MAX, &count) == ERR_OK);
	return (size_t)count;
}

bool
pg_is_null(const struct pg_result *result, size_t row, size_t column)
{
	const PGresult *rows = native(result);

	check(row < (size_t)PQntuples(rows) && column < (size_t)PQnfields(rows));
	return PQgetisnull(rows, (int)row, (int)column) != 0;
}

const char *
pg_text(const struct pg_result *result, size_t row, size_t column)
{
	if (pg_is_null(result, row, column))
		return NULL;
	return PQgetvalue(native(result), (int)row, (int)column);
}

enum err
pg_copy(const struct pg_result *result, size_t row, size_t column, struct arena *arena,
    const char **out)
{
	const char *text = pg_text(result, row, column);
	const char *copy = text != NULL ? arena_strdup(arena, text) : NULL;

	if (text != NULL && copy == NULL)
		return ERR_MEMORY;
	*out = copy;
	return ERR_OK;
}

int64_t
pg_int(const struct pg_result *result, size_t row, size_t column)
{
	const char *text = pg_text(result, row, column);
	int64_t number = 0;

	check(text != NULL && num_parse_i64(text, INT64_MIN, INT64_MAX, &number) == ERR_OK);
	return number;
}

bool
pg_bool(const struct pg_result *result, size_t row, size_t column)
{
	const char *text = pg_text(result, row, column);

	check(text != NULL && (str_equal(text, "t") || str_equal(text, "f")));
	return *text == 't';
}

struct id
pg_id(const struct pg_result *result, size_t row, size_t column)
{
	const char *text = pg_text(result, row, column);
	struct id id;

	check(text != NULL && id_parse(text, &id) == ERR_OK);
	return id;
}

void
pg_result_free(struct pg_result **result)
{
	PQclear((PGresult *)*result);
	*result = NULL;
}

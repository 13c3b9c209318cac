#include "notifier/webhook_row.h"

enum err
webhook_from_row(struct arena *arena, const struct pg_result *rows, size_t row, struct webhook *out)
{
	struct webhook webhook = {
	    .id = pg_id(rows, row, 0),
	    .owner_id = pg_id(rows, row, 1),
	    .active = pg_bool(rows, row, 4),
	    .created_at_ms = pg_int(rows, row, 6),
	    .updated_at_ms = pg_int(rows, row, 7),
	};

	TRY(pg_copy(rows, row, 2, arena, &webhook.url));
	TRY(pg_copy(rows, row, 3, arena, &webhook.events));
	TRY(pg_copy(rows, row, 5, arena, &webhook.disabled_reason));
	*out = webhook;
	return ERR_OK;
}

enum err
webhook_row_run(struct pg *pg, const struct deadline *deadline, struct arena *arena,
    const struct pg_statement *statement, const char *const *values, size_t count,
    struct webhook *out)
{
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(pg, deadline, statement, values, count, &rows));
	return pg_rows(rows) == 0 ? ERR_NOT_FOUND : webhook_from_row(arena, rows, 0, out);
}

/*
 * notifier/webhook_row: a row of the table webhooks.
 *
 * Store, private to the files named webhook_store*.
 */
#ifndef NOTIFIER_WEBHOOK_ROW_H
#define NOTIFIER_WEBHOOK_ROW_H

#include "notifier/webhook.h"
#include "shared/base/clock.h"
#include "shared/infra/pg.h"

/* Of `webhooks w`; what webhook_from_row reads. */
#define WEBHOOK_COLUMNS                                                                            \
	"w.id, w.owner_id, w.url, array_to_string(w.events, ','), w.status = 'active',"            \
	" w.disabled_reason, unix_ms(w.created_at), unix_ms(w.updated_at)"
#define WEBHOOK_COLUMN_COUNT 8

MUST_USE enum err webhook_from_row(
    struct arena *arena, const struct pg_result *rows, size_t row, struct webhook *out);
/* The one row that STATEMENT gives.  ERR_NOT_FOUND: it gave none. */
MUST_USE enum err webhook_row_run(struct pg *pg, const struct deadline *deadline,
    struct arena *arena, const struct pg_statement *statement, const char *const *values,
    size_t count, struct webhook *out);

#endif

#include "fcgi/auth/audit_store.h"

#include "shared/base/macros.h"
#include "shared/infra/pg.h"
#include "shared/infra/pg_number.h"

#define COLUMNS                                                                                    \
	"SELECT id, unix_ms(at), actor_id, user_id, action, address, user_agent, detail FROM audit"
#define PAGE                                                                                       \
	" id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')"                         \
	" ORDER BY id DESC LIMIT $2::bigint"

static enum err
read_event(struct arena *arena, const struct pg_result *rows, size_t row, struct audit_event *out)
{
	struct audit_event event = {.id = pg_id(rows, row, 0), .at_ms = pg_int(rows, row, 1)};
	const char **const texts[] = {&event.actor_id, &event.user_id, &event.action,
	    &event.address, &event.user_agent, &event.detail};

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		TRY(pg_copy(rows, row, 2 + i, arena, texts[i]));
	*out = event;
	return ERR_OK;
}

enum err
audit_store_list(const struct call *call, const struct id *user_id, const struct id *after,
    int64_t limit, struct audit_event **out, size_t *count)
{
	static const struct pg_statement all = {"audit_all", COLUMNS " WHERE" PAGE};
	static const struct pg_statement own = {
	    "audit_own", COLUMNS " WHERE user_id = $3 AND" PAGE};
	char most[PG_NUMBER_SIZE];
	const char *values[] = {after != NULL ? after->text : NULL, pg_number_text(limit, most),
	    user_id != NULL ? user_id->text : NULL};
	auto_pg_result struct pg_result *rows = NULL;
	struct audit_event *events;

	TRY(pg_run(call->pg, &call->deadline, user_id != NULL ? &own : &all, values,
	    user_id != NULL ? 3 : 2, &rows));
	TRY_ALLOC(events = arena_array(call->arena, pg_rows(rows), sizeof(*events)));
	for (size_t i = 0; i < pg_rows(rows); i++)
		TRY(read_event(call->arena, rows, i, &events[i]));
	*out = events;
	*count = pg_rows(rows);
	return ERR_OK;
}

#include "fcgi/auth/outbox_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/buf.h"
#include "shared/infra/pg.h"

#define STATEMENT_MS 5000

struct outbox_store {
	struct pg *pg;
	const struct clock *clock;
};

static enum err
copy_event(struct arena *arena, const struct pg_result *rows, size_t row, struct outbox_event *out)
{
	const char *traceparent = pg_text(rows, row, 2);
	const char *body = pg_text(rows, row, 3);
	struct outbox_event event = {.id = pg_id(rows, row, 0)};

	TRY_ALLOC(event.type = arena_strdup(arena, pg_text(rows, row, 1)));
	if (traceparent != NULL)
		TRY_ALLOC(event.traceparent = arena_strdup(arena, traceparent));
	event.body.len = strlen(body);
	TRY_ALLOC(event.body.data = arena_memdup(arena, body, event.body.len));
	*out = event;
	return ERR_OK;
}

static enum err
fetch_into(struct outbox_store *store, struct arena *arena, struct outbox_event *events, size_t max,
    size_t *count)
{
	static const struct pg_statement statement = {"outbox_fetch",
	    "SELECT id, type, traceparent, body FROM outbox ORDER BY id"
	    " LIMIT $1::bigint FOR UPDATE SKIP LOCKED"};
	struct deadline deadline = deadline_in(store->clock, STATEMENT_MS);
	auto_pg_result struct pg_result *rows = NULL;
	char limit[24];
	const char *values[] = {limit};

	(void)snprintf(limit, sizeof(limit), "%zu", max);
	TRY(pg_begin(store->pg, &deadline));
	TRY(pg_run(store->pg, &deadline, &statement, values, 1, &rows));
	for (size_t i = 0; i < pg_rows(rows); i++)
		TRY(copy_event(arena, rows, i, &events[i]));
	*count = pg_rows(rows);
	return ERR_OK;
}

static enum err
fetch(void *context, struct arena *arena, struct outbox_event *events, size_t max, size_t *count)
{
	struct outbox_store *store = context;
	size_t found = 0;
	enum err err = fetch_into(store, arena, events, max, &found);

	/* With nothing to settle the transaction ends here. */
	if (err != ERR_OK || found == 0)
		pg_rollback(store->pg);
	if (err == ERR_OK)
		*count = found;
	return err;
}

static enum err
settle(void *context, const struct outbox_event *events, size_t count)
{
	static const struct pg_statement statement = {
	    "outbox_forget", "DELETE FROM outbox WHERE id = ANY ($1::uuid[])"};
	struct outbox_store *store = context;
	struct deadline deadline = deadline_in(store->clock, STATEMENT_MS);
	auto_pg_tx struct pg *tx = store->pg;
	auto_buf struct buf ids;
	const char *values[1];
	size_t confirmed = 0;

	buf_init(&ids, (ID_LEN + 1) * count + 2);
	for (size_t i = 0; i < count; i++)
		if (events[i].confirmed)
			buf_printf(&ids, "%c%s", confirmed++ == 0 ? '{' : ',', events[i].id.text);
	buf_putc(&ids, '}');
	TRY(buf_finish(&ids));
	if (confirmed == 0)
		return ERR_OK;
	values[0] = ids.data;
	TRY(pg_run(tx, &deadline, &statement, values, 1, NULL));
	return pg_commit(tx, &deadline);
}

static enum err
wait_for_events(void *context, int64_t timeout_ms, int wake_fd)
{
	struct outbox_store *store = context;
	bool notified;

	return pg_listen(store->pg, "auth_outbox", timeout_ms, wake_fd, &notified);
}

static enum err
depth(void *context, int64_t *count, int64_t *oldest_ms)
{
	static const struct pg_statement statement = {"outbox_depth",
	    "SELECT count(*),"
	    " coalesce(floor(extract(epoch FROM now() - min(created_at)) * 1000), 0)::bigint"
	    " FROM outbox"};
	struct outbox_store *store = context;
	struct deadline deadline = deadline_in(store->clock, STATEMENT_MS);
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(store->pg, &deadline, &statement, NULL, 0, &rows));
	*count = pg_int(rows, 0, 0);
	*oldest_ms = pg_int(rows, 0, 1);
	return ERR_OK;
}

enum err
outbox_store_new(const char *database_url, const struct clock *clock, struct outbox_store **out)
{
	struct outbox_store *store = calloc(1, sizeof(*store));
	enum err err;

	TRY_ALLOC(store);
	store->clock = clock;
	err = pg_new(database_url, STATEMENT_MS, clock, &store->pg);
	if (err != ERR_OK) {
		free(store);
		return err;
	}
	*out = store;
	return ERR_OK;
}

void
outbox_store_free(struct outbox_store **store)
{
	if (*store == NULL)
		return;
	pg_free(&(*store)->pg);
	free(*store);
	*store = NULL;
}

struct outbox_source
outbox_store_source(struct outbox_store *store)
{
	return (struct outbox_source){.context = store,
	    .fetch = fetch,
	    .settle = settle,
	    .wait = wait_for_events,
	    .depth = depth};
}

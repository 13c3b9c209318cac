#include "shared/infra/pg_outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/buf.h"
#include "shared/infra/pg.h"

#define STATEMENT_MS 5000

struct pg_outbox {
	struct pg *pg;
	const char *channel;
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
fetch_into(struct pg_outbox *outbox, struct arena *arena, struct outbox_event *events, size_t max,
    size_t *count)
{
	static const struct pg_statement statement = {"outbox_fetch",
	    "SELECT id, type, traceparent, body FROM outbox ORDER BY id"
	    " LIMIT $1::bigint FOR UPDATE SKIP LOCKED"};
	struct deadline deadline = deadline_in(outbox->clock, STATEMENT_MS);
	auto_pg_result struct pg_result *rows = NULL;
	char limit[24];
	const char *values[] = {limit};

	(void)snprintf(limit, sizeof(limit), "%zu", max);
	TRY(pg_begin(outbox->pg, &deadline));
	TRY(pg_run(outbox->pg, &deadline, &statement, values, 1, &rows));
	for (size_t i = 0; i < pg_rows(rows); i++)
		TRY(copy_event(arena, rows, i, &events[i]));
	*count = pg_rows(rows);
	return ERR_OK;
}

static enum err
fetch(void *context, struct arena *arena, struct outbox_event *events, size_t max, size_t *count)
{
	struct pg_outbox *outbox = context;
	size_t found = 0;
	enum err err = fetch_into(outbox, arena, events, max, &found);

	/* With nothing to settle the transaction ends here. */
	if (err != ERR_OK || found == 0)
		pg_rollback(outbox->pg);
	if (err == ERR_OK)
		*count = found;
	return err;
}

static enum err
settle(void *context, const struct outbox_event *events, size_t count)
{
	static const struct pg_statement statement = {
	    "outbox_forget", "DELETE FROM outbox WHERE id = ANY ($1::uuid[])"};
	struct pg_outbox *outbox = context;
	struct deadline deadline = deadline_in(outbox->clock, STATEMENT_MS);
	auto_pg_tx struct pg *tx = outbox->pg;
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
	struct pg_outbox *outbox = context;
	bool notified;

	return pg_listen(outbox->pg, outbox->channel, timeout_ms, wake_fd, &notified);
}

static enum err
depth(void *context, int64_t *count, int64_t *oldest_ms)
{
	static const struct pg_statement statement = {"outbox_depth",
	    "SELECT count(*),"
	    " coalesce(floor(extract(epoch FROM now() - min(created_at)) * 1000), 0)::bigint"
	    " FROM outbox"};
	struct pg_outbox *outbox = context;
	struct deadline deadline = deadline_in(outbox->clock, STATEMENT_MS);
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(outbox->pg, &deadline, &statement, NULL, 0, &rows));
	*count = pg_int(rows, 0, 0);
	*oldest_ms = pg_int(rows, 0, 1);
	return ERR_OK;
}

enum err
pg_outbox_new(const char *database_url, const char *channel, const struct clock *clock,
    struct pg_outbox **out)
{
	struct pg_outbox *outbox = calloc(1, sizeof(*outbox));
	enum err err;

	TRY_ALLOC(outbox);
	outbox->channel = channel;
	outbox->clock = clock;
	err = pg_new(database_url, STATEMENT_MS, clock, &outbox->pg);
	if (err != ERR_OK) {
		free(outbox);
		return err;
	}
	*out = outbox;
	return ERR_OK;
}

void
pg_outbox_free(struct pg_outbox **outbox)
{
	if (*outbox == NULL)
		return;
	pg_free(&(*outbox)->pg);
	free(*outbox);
	*outbox = NULL;
}

struct outbox_source
pg_outbox_source(struct pg_outbox *outbox)
{
	return (struct outbox_source){.context = outbox,
	    .fetch = fetch,
	    .settle = settle,
	    .wait = wait_for_events,
	    .depth = depth};
}

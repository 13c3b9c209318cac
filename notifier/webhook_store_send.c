/* What the notifier does with webhooks: finding those an event is for, and how they fare. */
#include "notifier/webhook_row.h"
#include "notifier/webhook_store.h"
#include "shared/base/buf.h"
#include "shared/base/macros.h"
#include "shared/infra/pg_array.h"

#define FAN_OUT_MAX_BYTES ((size_t)256 * 1024 * 1024)

/* --- fan-out --------------------------------------------------------------------------------- */

/* The locks keep a webhook from being removed beside its new delivery. */
static const struct pg_statement fan_out = {
    .name = "webhook_fan_out",
    .sql = "WITH target AS ("
	   "  SELECT w.id AS webhook_id, c.* FROM unnest($1::uuid[], $2::text[], $3::text[],"
	   "   $4::uuid[], $5::text[]) AS c (event_id, event_type, traceparent, owner_id, body)"
	   "  JOIN webhooks w ON w.owner_id = c.owner_id AND w.status = 'active'"
	   "   AND c.event_type = ANY (w.events) FOR KEY SHARE OF w"
	   "), added AS ("
	   "  INSERT INTO jobs (id, event_id, event_type, channel, template, recipient, data,"
	   "   traceparent, state, attempts, finished_at)"
	   "  SELECT id_new(), event_id, event_type, 'webhook', '', webhook_id, body, traceparent,"
	   "   CASE WHEN body IS NULL THEN 'failed' ELSE 'queued' END, (body IS NULL)::integer,"
	   "   CASE WHEN body IS NULL THEN now() END"
	   "  FROM target ON CONFLICT ON CONSTRAINT jobs_once DO NOTHING RETURNING id, state"
	   "), refused AS ("
	   "  INSERT INTO attempts (job_id, number, duration_ms, result, detail)"
	   "  SELECT id, 1, 0, 'refused', 'The event is larger than 20 KiB.'"
	   "  FROM added WHERE state = 'failed'"
	   ") SELECT count(*) FROM added WHERE state = 'queued'",
};

#define FAN_OUT_ARRAYS 5

static void
put_copies(struct buf arrays[FAN_OUT_ARRAYS], const struct webhook_copy *copies, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *const elements[FAN_OUT_ARRAYS] = {copies[i].head->id.text,
		    copies[i].head->type, copies[i].head->traceparent, copies[i].owner_id.text,
		    copies[i].body};

		for (size_t at = 0; at < FAN_OUT_ARRAYS; at++)
			pg_array_put(&arrays[at], elements[at]);
	}
}

static enum err
run_fan_out(struct pg *pg, const struct deadline *deadline, struct buf arrays[FAN_OUT_ARRAYS],
    int64_t *added)
{
	auto_pg_result struct pg_result *rows = NULL;
	const char *values[FAN_OUT_ARRAYS];

	for (size_t at = 0; at < FAN_OUT_ARRAYS; at++) {
		TRY(pg_array_end(&arrays[at], &values[at]));
	}
	TRY(pg_run(pg, deadline, &fan_out, values, FAN_OUT_ARRAYS, &rows));
	*added = pg_int(rows, 0, 0);
	return ERR_OK;
}

enum err
webhook_store_fan_out(struct pg *pg, const struct deadline *deadline,
    const struct webhook_copy *copies, size_t count, int64_t *added)
{
	struct buf arrays[FAN_OUT_ARRAYS];
	enum err err;

	if (count == 0) {
		*added = 0;
		return ERR_OK;
	}
	for (size_t at = 0; at < FAN_OUT_ARRAYS; at++)
		buf_init(&arrays[at], FAN_OUT_MAX_BYTES);
	put_copies(arrays, copies, count);
	err = run_fan_out(pg, deadline, arrays, added);
	for (size_t at = 0; at < FAN_OUT_ARRAYS; at++)
		buf_fini(&arrays[at]);
	return err;
}

/* --- how they fare --------------------------------------------------------------------------- */

static const struct pg_statement get_target = {
    .name = "webhook_target",
    .sql = "SELECT " WEBHOOK_COLUMNS ", w.secret,"
	   " CASE WHEN w.previous_secret_until > now() THEN w.previous_secret END"
	   " FROM webhooks w WHERE w.id = $1::uuid",
};

enum err
webhook_store_target(struct pg *pg, const struct deadline *deadline, struct arena *arena,
    const struct id *id, struct webhook_target *out)
{
	auto_pg_result struct pg_result *rows = NULL;
	const char *const values[] = {id->text};
	struct webhook_target target = {.previous_secret = NULL};

	TRY(pg_run(pg, deadline, &get_target, values, COUNT_OF(values), &rows));
	if (pg_rows(rows) == 0)
		return ERR_NOT_FOUND;
	TRY(webhook_from_row(arena, rows, 0, &target.webhook));
	target.secret = arena_strdup(arena, pg_text(rows, 0, WEBHOOK_COLUMN_COUNT));
	TRY_ALLOC(target.secret);
	if (!pg_is_null(rows, 0, WEBHOOK_COLUMN_COUNT + 1)) {
		target.previous_secret =
		    arena_strdup(arena, pg_text(rows, 0, WEBHOOK_COLUMN_COUNT + 1));
		TRY_ALLOC(target.previous_secret);
	}
	*out = target;
	return ERR_OK;
}

/* Written only where it changes something; the outer query sees what was before. */
static const struct pg_statement note_result = {
    .name = "webhook_note",
    .sql = "WITH noted AS (UPDATE webhooks"
	   "  SET failing_since = CASE WHEN NOT $2::boolean THEN now() END"
	   "  WHERE id = $1::uuid AND (failing_since IS NOT NULL) = $2::boolean)"
	   " SELECT CASE WHEN NOT $2::boolean THEN coalesce((SELECT"
	   "  floor(extract(epoch FROM now() - failing_since) * 1000)"
	   "  FROM webhooks WHERE id = $1::uuid), 0) ELSE 0 END::bigint",
};

enum err
webhook_store_note(struct pg *pg, const struct deadline *deadline, const struct id *id,
    bool succeeded, int64_t *failing_ms)
{
	auto_pg_result struct pg_result *rows = NULL;
	const char *const values[] = {id->text, succeeded ? "true" : "false"};

	TRY(pg_run(pg, deadline, &note_result, values, COUNT_OF(values), &rows));
	*failing_ms = pg_int(rows, 0, 0);
	return ERR_OK;
}

static const struct pg_statement disable_webhook = {
    .name = "webhook_disable",
    .sql = "UPDATE webhooks w SET status = 'disabled', disabled_reason = $2,"
	   " updated_at = date_trunc('milliseconds', now())"
	   " WHERE w.id = $1::uuid AND w.status = 'active' RETURNING " WEBHOOK_COLUMNS,
};

enum err
webhook_store_disable(struct pg *pg, const struct deadline *deadline, struct arena *arena,
    const struct id *id, const char *reason, struct webhook *out)
{
	const char *const values[] = {id->text, reason};

	return webhook_row_run(
	    pg, deadline, arena, &disable_webhook, values, COUNT_OF(values), out);
}

static const struct pg_statement tell_event = {
    .name = "webhook_tell",
    .sql = "INSERT INTO outbox (id, type, traceparent, body) VALUES ($1::uuid, $2, $3, $4)",
};

enum err
webhook_store_tell(
    struct pg *pg, const struct deadline *deadline, const struct event_head *head, const char *body)
{
	const char *const values[] = {head->id.text, head->type, head->traceparent, body};

	return pg_run(pg, deadline, &tell_event, values, COUNT_OF(values), NULL);
}

#include "fcgi/notifications/history_store.h"

#include "shared/base/buf.h"
#include "shared/base/check.h"
#include "shared/base/macros.h"
#include "shared/base/str.h"
#include "shared/infra/pg.h"
#include "shared/infra/pg_number.h"

#define COLUMNS                                                                                    \
	"id, event_id, recipient, event_type, channel, template, state, unix_ms(created_at),"      \
	" unix_ms(due_at)"

/* --- rows ------------------------------------------------------------------------------------ */

static enum delivery_state
parse_state(const char *text)
{
	return str_equal(text, "queued") ? DELIVERY_QUEUED
	    : str_equal(text, "sent")    ? DELIVERY_SENT
					 : DELIVERY_FAILED;
}

static enum err
read_delivery(struct arena *arena, const struct pg_result *rows, size_t row, struct delivery *out)
{
	struct delivery delivery = {
	    .id = pg_id(rows, row, 0),
	    .event_id = pg_id(rows, row, 1),
	    .recipient = pg_id(rows, row, 2),
	    .state = parse_state(pg_text(rows, row, 6)),
	    .created_at_ms = pg_int(rows, row, 7),
	    .due_at_ms = pg_int(rows, row, 8),
	};

	TRY(pg_copy(rows, row, 3, arena, &delivery.event_type));
	TRY(pg_copy(rows, row, 4, arena, &delivery.channel));
	TRY(pg_copy(rows, row, 5, arena, &delivery.template));
	*out = delivery;
	return ERR_OK;
}

static enum err
read_attempt(
    struct arena *arena, const struct pg_result *rows, size_t row, struct delivery_attempt *out)
{
	struct delivery_attempt attempt = {
	    .at_ms = pg_int(rows, row, 1),
	    .duration_ms = pg_int(rows, row, 3),
	    .has_status_code = !pg_is_null(rows, row, 4),
	};

	if (attempt.has_status_code)
		attempt.status_code = pg_int(rows, row, 4);
	TRY(pg_copy(rows, row, 2, arena, &attempt.result));
	TRY(pg_copy(rows, row, 5, arena, &attempt.response));
	TRY(pg_copy(rows, row, 6, arena, &attempt.error));
	*out = attempt;
	return ERR_OK;
}

/* --- reading --------------------------------------------------------------------------------- */

/* In the order of the deliveries, newest first, but each one's own as they came. */
static const struct pg_statement list_attempts = {
    .name = "delivery_attempts",
    .sql = "SELECT job_id, unix_ms(at), result, duration_ms, status_code, response,"
	   " nullif(detail, '') FROM (SELECT *, row_number() OVER"
	   "  (PARTITION BY job_id ORDER BY number DESC) AS back FROM attempts"
	   "  WHERE job_id = ANY ($1::uuid[])) AS latest"
	   " WHERE back <= " TEXT_OF(DELIVERY_ATTEMPTS_MAX) " ORDER BY job_id DESC, number",
};

/* ROWS from *AT on begin with those of DELIVERY. */
static enum err
take_attempts(
    struct arena *arena, const struct pg_result *rows, size_t *at, struct delivery *delivery)
{
	delivery->attempts = arena_array(arena, DELIVERY_ATTEMPTS_MAX, sizeof(*delivery->attempts));
	TRY_ALLOC(delivery->attempts);
	for (; *at < pg_rows(rows); (*at)++) {
		const struct id id = pg_id(rows, *at, 0);

		if (!id_equal(&id, &delivery->id))
			break;
		check(delivery->attempt_count < DELIVERY_ATTEMPTS_MAX);
		TRY(read_attempt(arena, rows, *at, &delivery->attempts[delivery->attempt_count++]));
	}
	return ERR_OK;
}

static enum err
read_attempts(const struct call *call, struct delivery *deliveries, size_t count)
{
	auto_pg_result struct pg_result *rows = NULL;
	auto_buf struct buf ids;
	const char *values[1];
	size_t at = 0;

	buf_init(&ids, (ID_LEN + 1) * count + 2);
	buf_putc(&ids, '{');
	for (size_t i = 0; i < count; i++)
		buf_printf(&ids, "%s%s", i > 0 ? "," : "", deliveries[i].id.text);
	buf_putc(&ids, '}');
	TRY(buf_finish(&ids));
	values[0] = ids.data;
	TRY(pg_run(call->pg, call->deadline, &list_attempts, values, 1, &rows));
	for (size_t i = 0; i < count; i++)
		TRY(take_attempts(call->arena, rows, &at, &deliveries[i]));
	return ERR_OK;
}

static const struct pg_statement list_deliveries = {
    .name = "delivery_list",
    .sql = "SELECT " COLUMNS " FROM jobs WHERE recipient = $1::uuid AND channel = $2"
	   " AND id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')"
	   " ORDER BY id DESC LIMIT $4::bigint",
};

enum err
history_store_list(const struct call *call, const struct id *recipient, const char *channel,
    const struct id *before, int64_t limit, struct delivery **out, size_t *count)
{
	auto_pg_result struct pg_result *rows = NULL;
	struct delivery *deliveries;
	char most[PG_NUMBER_SIZE];
	const char *const values[] = {recipient->text, channel,
	    before != NULL ? before->text : NULL, pg_number_text(limit, most)};

	TRY(pg_run(call->pg, call->deadline, &list_deliveries, values, COUNT_OF(values), &rows));
	deliveries = arena_array(call->arena, pg_rows(rows), sizeof(*deliveries));
	TRY_ALLOC(deliveries);
	for (size_t i = 0; i < pg_rows(rows); i++)
		TRY(read_delivery(call->arena, rows, i, &deliveries[i]));
	if (pg_rows(rows) > 0)
		TRY(read_attempts(call, deliveries, pg_rows(rows)));
	*out = deliveries;
	*count = pg_rows(rows);
	return ERR_OK;
}

static const struct pg_statement get_delivery = {
    .name = "delivery_get",
    .sql = "SELECT " COLUMNS " FROM jobs WHERE id = $2::uuid AND recipient = $1::uuid"
	   " AND channel = 'webhook'",
};

enum err
history_store_get(
    const struct call *call, const struct id *webhook, const struct id *id, struct delivery *out)
{
	auto_pg_result struct pg_result *rows = NULL;
	const char *const values[] = {webhook->text, id->text};
	struct delivery delivery;

	TRY(pg_run(call->pg, call->deadline, &get_delivery, values, COUNT_OF(values), &rows));
	if (pg_rows(rows) == 0)
		return ERR_NOT_FOUND;
	TRY(read_delivery(call->arena, rows, 0, &delivery));
	TRY(read_attempts(call, &delivery, 1));
	*out = delivery;
	return ERR_OK;
}

/* --- asking for more ------------------------------------------------------------------------- */

/* The lock keeps the webhook from being removed beside its new delivery. */
static const struct pg_statement add_delivery = {
    .name = "delivery_add",
    .sql = "INSERT INTO jobs (id, event_id, event_type, channel, template, recipient, data,"
	   " traceparent) SELECT $3::uuid, $4::uuid, $5, 'webhook', '', id, $6, $7"
	   " FROM webhooks WHERE id = $2::uuid AND owner_id = $1::uuid FOR KEY SHARE",
};

enum err
history_store_add(const struct call *call, const struct id *webhook, const struct event_head *head,
    const char *body, struct id *out)
{
	auto_pg_result struct pg_result *added = NULL;
	struct id id;
	const char *const values[] = {call->owner->text, webhook->text, id.text, head->id.text,
	    head->type, body, head->traceparent};

	id_new(call->now_ms, &id);
	TRY(pg_run(call->pg, call->deadline, &add_delivery, values, COUNT_OF(values), &added));
	if (pg_affected(added) == 0)
		return ERR_NOT_FOUND;
	*out = id;
	return ERR_OK;
}

/* Who works at one has counted its attempt, and not recorded it yet. */
static const struct pg_statement send_again = {
    .name = "delivery_again",
    .sql = "WITH found AS (SELECT j.id, j.data IS NOT NULL AS whole, w.status = 'active' AS active"
	   "  FROM jobs j JOIN webhooks w ON w.id = j.recipient"
	   "  WHERE j.id = $3::uuid AND j.recipient = $2::uuid AND j.channel = 'webhook'"
	   "  AND w.owner_id = $1::uuid"
	   "), again AS (UPDATE jobs j SET state = 'queued', due_at = now(), finished_at = NULL,"
	   "  schedule_from = j.attempts FROM found"
	   "  WHERE j.id = found.id AND found.whole AND found.active AND (j.state <> 'queued'"
	   "   OR EXISTS (SELECT FROM attempts a WHERE a.job_id = j.id AND a.number = j.attempts)))"
	   " SELECT active, whole FROM found",
};

enum err
history_store_again(const struct call *call, const struct id *webhook, const struct id *id)
{
	auto_pg_result struct pg_result *rows = NULL;
	const char *const values[] = {call->owner->text, webhook->text, id->text};

	TRY(pg_run(call->pg, call->deadline, &send_again, values, COUNT_OF(values), &rows));
	if (pg_rows(rows) == 0)
		return ERR_NOT_FOUND;
	if (!pg_bool(rows, 0, 0))
		return fault_set(call->fault, ERR_CONFLICT, "The webhook is disabled.");
	if (!pg_bool(rows, 0, 1))
		return fault_set(
		    call->fault, ERR_CONFLICT, "The event is too large for a webhook.");
	return ERR_OK;
}

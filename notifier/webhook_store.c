#include "notifier/webhook_store.h"

#include "notifier/webhook_row.h"
#include "shared/base/macros.h"
#include "shared/infra/pg_number.h"

#define NOW_MS "date_trunc('milliseconds', now())"

/* --- for their owners ------------------------------------------------------------------------ */

static const struct pg_statement lock_owner = {
    .name = "webhook_lock_owner",
    .sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
};

static const struct pg_statement add_webhook = {
    .name = "webhook_add",
    .sql = "INSERT INTO webhooks AS w (id, owner_id, url, events, secret)"
	   " SELECT $1::uuid, $2::uuid, $3, string_to_array($4, ','), $5"
	   " WHERE (SELECT count(*) FROM webhooks WHERE owner_id = $2::uuid)"
	   " < " TEXT_OF(WEBHOOKS_PER_OWNER_MAX) " RETURNING " WEBHOOK_COLUMNS,
};

enum err
webhook_store_add(struct pg *pg, const struct deadline *deadline, struct arena *arena,
    const struct new_webhook *webhook, struct webhook *out)
{
	const char *const owner[] = {webhook->owner_id.text};
	const char *const values[] = {webhook->id.text, webhook->owner_id.text, webhook->url,
	    webhook->events, webhook->secret};
	enum err err;

	/* The count must be that of after the others' commits. */
	TRY(pg_run(pg, deadline, &lock_owner, owner, COUNT_OF(owner), NULL));
	err = webhook_row_run(pg, deadline, arena, &add_webhook, values, COUNT_OF(values), out);
	return err == ERR_NOT_FOUND ? ERR_CONFLICT : err;
}

static const struct pg_statement get_webhook = {
    .name = "webhook_get",
    .sql = "SELECT " WEBHOOK_COLUMNS
	   " FROM webhooks w WHERE w.id = $2::uuid AND w.owner_id = $1::uuid",
};

enum err
webhook_store_get(struct pg *pg, const struct deadline *deadline, struct arena *arena,
    const struct id *owner, const struct id *id, struct webhook *out)
{
	const char *const values[] = {owner->text, id->text};

	return webhook_row_run(pg, deadline, arena, &get_webhook, values, COUNT_OF(values), out);
}

static const struct pg_statement hold_webhook = {
    .name = "webhook_hold",
    .sql = "SELECT " WEBHOOK_COLUMNS
	   " FROM webhooks w WHERE w.id = $2::uuid AND w.owner_id = $1::uuid FOR UPDATE",
};

enum err
webhook_store_hold(struct pg *pg, const struct deadline *deadline, struct arena *arena,
    const struct id *owner, const struct id *id, struct webhook *out)
{
	const char *const values[] = {owner->text, id->text};

	return webhook_row_run(pg, deadline, arena, &hold_webhook, values, COUNT_OF(values), out);
}

static const struct pg_statement list_webhooks = {
    .name = "webhook_list",
    .sql = "SELECT " WEBHOOK_COLUMNS " FROM webhooks w WHERE w.owner_id = $1::uuid"
	   " AND ($2::uuid IS NULL OR w.id < $2::uuid) ORDER BY w.id DESC LIMIT $3::bigint",
};

enum err
webhook_store_list(struct pg *pg, const struct deadline *deadline, struct arena *arena,
    const struct id *owner, const struct id *before, int64_t limit, struct webhook **out,
    size_t *count)
{
	auto_pg_result struct pg_result *rows = NULL;
	struct webhook *webhooks;
	char most[PG_NUMBER_SIZE];
	const char *const values[] = {
	    owner->text, before != NULL ? before->text : NULL, pg_number_text(limit, most)};

	TRY(pg_run(pg, deadline, &list_webhooks, values, COUNT_OF(values), &rows));
	webhooks = arena_array(arena, pg_rows(rows), sizeof(*webhooks));
	TRY_ALLOC(webhooks);
	for (size_t i = 0; i < pg_rows(rows); i++)
		TRY(webhook_from_row(arena, rows, i, &webhooks[i]));
	*out = webhooks;
	*count = pg_rows(rows);
	return ERR_OK;
}

/* Another endpoint has not been failing yet. */
static const struct pg_statement change_webhook = {
    .name = "webhook_change",
    .sql = "UPDATE webhooks w SET url = coalesce($3, w.url),"
	   " events = coalesce(string_to_array($4, ','), w.events),"
	   " status = coalesce($5, w.status),"
	   " disabled_reason = CASE WHEN $5 = 'active' THEN NULL ELSE w.disabled_reason END,"
	   " failing_since = CASE WHEN $5 = 'active' OR $3 <> w.url THEN NULL"
	   "  ELSE w.failing_since END,"
	   " updated_at = " NOW_MS
	   " WHERE w.id = $2::uuid AND w.owner_id = $1::uuid RETURNING " WEBHOOK_COLUMNS,
};

enum err
webhook_store_change(struct pg *pg, const struct deadline *deadline, struct arena *arena,
    const struct id *owner, const struct id *id, const struct webhook_change *change,
    struct webhook *out)
{
	const char *const values[] = {owner->text, id->text, change->url, change->events,
	    !change->has_active  ? NULL
		: change->active ? "active"
				 : "disabled"};

	return webhook_row_run(pg, deadline, arena, &change_webhook, values, COUNT_OF(values), out);
}

static const struct pg_statement rotate_secret = {
    .name = "webhook_rotate",
    .sql = "UPDATE webhooks SET previous_secret = secret,"
	   " previous_secret_until = now() + interval '24 hours', secret = $3,"
	   " updated_at = " NOW_MS " WHERE id = $2::uuid AND owner_id = $1::uuid",
};

enum err
webhook_store_rotate(struct pg *pg, const struct deadline *deadline, const struct id *owner,
    const struct id *id, const char *secret)
{
	auto_pg_result struct pg_result *result = NULL;
	const char *const values[] = {owner->text, id->text, secret};

	TRY(pg_run(pg, deadline, &rotate_secret, values, COUNT_OF(values), &result));
	return pg_affected(result) > 0 ? ERR_OK : ERR_NOT_FOUND;
}

/* --- the end --------------------------------------------------------------------------------- */

static const struct pg_statement remove_webhook = {
    .name = "webhook_remove",
    .sql = "DELETE FROM webhooks WHERE id = $2::uuid AND owner_id = $1::uuid",
};

static const struct pg_statement remove_webhooks = {
    .name = "webhook_remove_all",
    .sql = "DELETE FROM webhooks WHERE owner_id = $1::uuid RETURNING id",
};

/* A statement of its own, after the webhook went: those are seen too that a fan-out committed while
 * the webhook's removal waited for it. */
static const struct pg_statement remove_deliveries = {
    .name = "webhook_remove_deliveries",
    .sql = "DELETE FROM jobs WHERE recipient = $1::uuid AND channel = 'webhook'",
};

static const struct pg_statement remove_requests = {
    .name = "webhook_remove_requests",
    .sql = "DELETE FROM webhook_requests WHERE owner_id = $1::uuid",
};

enum err
webhook_store_remove(
    struct pg *pg, const struct deadline *deadline, const struct id *owner, const struct id *id)
{
	auto_pg_result struct pg_result *removed = NULL;
	const char *const values[] = {owner->text, id->text};
	const char *const recipient[] = {id->text};

	TRY(pg_run(pg, deadline, &remove_webhook, values, COUNT_OF(values), &removed));
	if (pg_affected(removed) == 0)
		return ERR_NOT_FOUND;
	return pg_run(pg, deadline, &remove_deliveries, recipient, COUNT_OF(recipient), NULL);
}

enum err
webhook_store_remove_owner(struct pg *pg, const struct deadline *deadline, const struct id *owner)
{
	auto_pg_result struct pg_result *removed = NULL;
	const char *const values[] = {owner->text};

	TRY(pg_run(pg, deadline, &remove_webhooks, values, COUNT_OF(values), &removed));
	for (size_t i = 0; i < pg_rows(removed); i++) {
		const char *const recipient[] = {pg_text(removed, i, 0)};

		TRY(pg_run(pg, deadline, &remove_deliveries, recipient, COUNT_OF(recipient), NULL));
	}
	return pg_run(pg, deadline, &remove_requests, values, COUNT_OF(values), NULL);
}

#include "fcgi/notifications/request_store.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/macros.h"
#include "shared/infra/pg.h"

#define KEPT "interval '24 hours'"

/* The holder's transaction is the claim: it ends with it, however that ends. */
static const struct pg_statement claim_key = {
    .name = "request_claim",
    .sql = "SELECT pg_try_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 1))",
};

static const struct pg_statement find_answer = {
    .name = "request_find",
    .sql = "SELECT fingerprint, status, content_type, location, etag, body FROM webhook_requests"
	   " WHERE owner_id = $1::uuid AND key = $2 AND at > now() - " KEPT,
};

static const struct pg_statement keep_answer = {
    .name = "request_keep",
    .sql = "INSERT INTO webhook_requests (owner_id, key, fingerprint, status, content_type,"
	   " location, etag, body) VALUES ($1::uuid, $2, $3, $4::integer, $5, $6, $7, $8)"
	   " ON CONFLICT (owner_id, key) DO UPDATE SET fingerprint = excluded.fingerprint,"
	   " status = excluded.status, content_type = excluded.content_type,"
	   " location = excluded.location, etag = excluded.etag, body = excluded.body,"
	   " at = excluded.at",
};

/* Each that keeps one takes away several, so that what is over never piles up. */
static const struct pg_statement forget_old = {
    .name = "request_forget",
    .sql = "DELETE FROM webhook_requests WHERE (owner_id, key) IN (SELECT owner_id, key"
	   " FROM webhook_requests WHERE at < now() - " KEPT
	   " ORDER BY at LIMIT 10 FOR UPDATE SKIP LOCKED)",
};

static enum err
read_answer(struct arena *arena, const struct pg_result *rows, struct kept_answer *out)
{
	struct kept_answer answer = {.status = (int)pg_int(rows, 0, 1)};
	const char *body;

	TRY(pg_copy(rows, 0, 2, arena, &answer.content_type));
	TRY(pg_copy(rows, 0, 3, arena, &answer.location));
	TRY(pg_copy(rows, 0, 4, arena, &answer.etag));
	TRY(pg_copy(rows, 0, 5, arena, &body));
	answer.body = span_of(body, strlen(body));
	*out = answer;
	return ERR_OK;
}

enum err
request_store_claim(const struct call *call, const struct idempotency *idempotency,
    struct kept_answer *out, bool *kept)
{
	auto_pg_result struct pg_result *claimed = NULL;
	auto_pg_result struct pg_result *found = NULL;
	const char *const values[] = {call->owner->text, idempotency->key};

	TRY(pg_run(call->pg, call->deadline, &claim_key, values, COUNT_OF(values), &claimed));
	if (!pg_bool(claimed, 0, 0))
		return ERR_IDEMPOTENCY_RUNNING;
	/* A statement of its own: it sees what the holder before committed. */
	TRY(pg_run(call->pg, call->deadline, &find_answer, values, COUNT_OF(values), &found));
	if (pg_rows(found) > 0) {
		if (!str_equal(pg_text(found, 0, 0), idempotency->fingerprint))
			return ERR_IDEMPOTENCY_REUSED;
		TRY(read_answer(call->arena, found, out));
	}
	*kept = pg_rows(found) > 0;
	return ERR_OK;
}

enum err
request_store_keep(const struct call *call, const struct idempotency *idempotency,
    const struct kept_answer *answer)
{
	char status[16];
	const char *body = arena_memdup(call->arena, answer->body.data, answer->body.len);
	const char *const values[] = {call->owner->text, idempotency->key, idempotency->fingerprint,
	    status, answer->content_type, answer->location, answer->etag, body};

	TRY_ALLOC(body);
	(void)snprintf(status, sizeof(status), "%d", answer->status);
	TRY(pg_run(call->pg, call->deadline, &keep_answer, values, COUNT_OF(values), NULL));
	return pg_run(call->pg, call->deadline, &forget_old, NULL, 0, NULL);
}

#include "fcgi/auth/throttle_store.h"

#include "shared/base/macros.h"

/* The failures of row f including this one; the bound keeps power() small. */
#define FAILURES                                                                                   \
	"CASE WHEN f.last_at < now() - interval '1 day' THEN 1 ELSE least(f.failures, 1000) + 1 END"
/* From which on they lock. */
#define LIMIT "CASE left(f.bucket, 1) WHEN 'a' THEN 50 ELSE 5 END"

enum err
throttle_store_fail(struct pg *pg, const struct deadline *deadline,
    const struct login_failure *failure, int64_t *locked_ms)
{
	static const struct pg_statement statement = {"login_failed",
	    "WITH counted AS ("
	    "  INSERT INTO login_failures AS f (bucket, failures)"
	    "  SELECT bucket, 1 FROM unnest($1::text[]) bucket ORDER BY bucket"
	    "  ON CONFLICT (bucket) DO UPDATE SET last_at = now(), failures = " FAILURES ","
	    "   locked_until = CASE WHEN " FAILURES " >= " LIMIT " THEN"
	    "    now() + least(30 * power(2, least(" FAILURES " - " LIMIT ", 15)), 900)"
	    "     * interval '1 second' END"
	    "   WHERE f.locked_until IS NULL OR f.locked_until <= now() "
	    "   RETURNING bucket, left(bucket, 1) = 'a' AND locked_until IS NOT NULL AS everywhere"
	    "), held AS ("
	    "  SELECT bucket FROM unnest($2::text[]) bucket EXCEPT SELECT bucket FROM counted"
	    "), audited AS ("
	    "  INSERT INTO audit (id, actor_id, user_id, action, address, user_agent, detail)"
	    "  SELECT $3::uuid, $8::uuid, $4::uuid, $9::text, $5::text, $6::text,"
	    "   jsonb_build_object('factor', $7::text) WHERE NOT EXISTS (SELECT FROM held)"
	    "), attacked AS ("
	    "  UPDATE users SET attack_told_at = now() WHERE id = $4::uuid"
	    "   AND $10::uuid IS NOT NULL AND coalesce(attack_told_at < now() - interval '1 day',"
	    "    true) AND EXISTS (SELECT FROM counted WHERE everywhere) RETURNING 1"
	    "), told AS ("
	    "  INSERT INTO outbox (id, type, traceparent, body)"
	    "  SELECT $10::uuid, $11::text, $12::text, $13::text FROM attacked"
	    ") SELECT NOT EXISTS (SELECT FROM held), (SELECT"
	    "  coalesce(ceil(extract(epoch FROM max(locked_until) - now()) * 1000), 0)::bigint"
	    "  FROM login_failures JOIN held USING (bucket))"};
	static const struct user_event none = {.type = NULL};
	const struct user_event *event = failure->event != NULL ? failure->event : &none;
	const char *values[] = {failure->throttle->counts, failure->throttle->holds,
	    failure->audit_id.text, failure->user_id != NULL ? failure->user_id->text : NULL,
	    failure->client.address, failure->client.user_agent, failure->factor,
	    failure->actor_id != NULL ? failure->actor_id->text : NULL, failure->action,
	    failure->event != NULL ? event->id.text : NULL, event->type, event->traceparent,
	    event->body};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(pg, deadline, &statement, values, COUNT_OF(values), &rows));
	if (pg_bool(rows, 0, 0))
		return ERR_OK;
	/* It may have been locked after this statement's snapshot: then for at least this long. */
	*locked_ms = pg_is_null(rows, 0, 1) || pg_int(rows, 0, 1) <= 0 ? 1000 : pg_int(rows, 0, 1);
	return ERR_ACCOUNT_LOCKED;
}

enum err
throttle_store_locked(
    struct pg *pg, const struct deadline *deadline, const char *holds, int64_t *locked_ms)
{
	static const struct pg_statement statement = {"login_locked",
	    "SELECT coalesce(ceil(extract(epoch FROM max(locked_until) - now()) * 1000), 0)"
	    "::bigint FROM login_failures"
	    " WHERE bucket = ANY ($1::text[]) AND locked_until > now()"};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(pg, deadline, &statement, &holds, 1, &rows));
	*locked_ms = pg_int(rows, 0, 0);
	return ERR_OK;
}

enum err
throttle_store_forgive(struct pg *pg, const struct deadline *deadline, const char *counts)
{
	static const struct pg_statement statement = {
	    "login_forgiven", "WITH " THROTTLE_FORGIVE("$1") " SELECT"};

	return pg_run(pg, deadline, &statement, &counts, 1, NULL);
}

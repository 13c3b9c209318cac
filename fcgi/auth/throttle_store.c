#include "fcgi/auth/throttle_store.h"

/* The failures of row f including this one; the bound keeps power() small. */
#define FAILURES                                                                                   \
	"CASE WHEN f.last_at < now() - interval '1 day' THEN 1 ELSE least(f.failures, 1000) + 1 END"

enum err
throttle_store_fail(struct pg *pg, const struct deadline *deadline,
    const struct login_failure *failure, int64_t *locked_ms)
{
	static const struct pg_statement statement = {"login_failed",
	    "WITH counted AS ("
	    "  INSERT INTO login_failures AS f (account_hash, failures) VALUES ($1, 1)"
	    "  ON CONFLICT (account_hash) DO UPDATE SET last_at = now(), failures = " FAILURES ","
	    "   locked_until = CASE WHEN " FAILURES " >= 5 THEN"
	    "    now() + least(30 * power(2, least(" FAILURES ", 20) - 5), 900)"
	    "     * interval '1 second' END"
	    "   WHERE f.locked_until IS NULL OR f.locked_until <= now() RETURNING 1"
	    "), audited AS ("
	    "  INSERT INTO audit (id, user_id, action, address, user_agent)"
	    "  SELECT $2::uuid, $3::uuid, 'sign_in_failed', $4::text, $5::text FROM counted"
	    ") SELECT EXISTS (SELECT FROM counted), (SELECT"
	    "  coalesce(ceil(extract(epoch FROM locked_until - now()) * 1000), 0)::bigint"
	    "  FROM login_failures WHERE account_hash = $1)"};
	const char *values[] = {failure->account_hash, failure->audit_id.text,
	    failure->user_id != NULL ? failure->user_id->text : NULL, failure->client.address,
	    failure->client.user_agent};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(pg, deadline, &statement, values, 5, &rows));
	if (pg_bool(rows, 0, 0))
		return ERR_OK;
	/* It may have been locked after this statement's snapshot: then for at least this long. */
	*locked_ms = pg_is_null(rows, 0, 1) || pg_int(rows, 0, 1) <= 0 ? 1000 : pg_int(rows, 0, 1);
	return ERR_ACCOUNT_LOCKED;
}

#include "fcgi/auth/account_store.h"

#include "fcgi/auth/throttle_store.h"
#include "shared/base/macros.h"

/* The account u of session s, if that lives: $1 is the session, $2 the account. */
#define OF_LIVING_SESSION                                                                          \
	" FROM sessions s JOIN users u ON u.id = s.user_id"                                        \
	" WHERE s.id = $1 AND s.user_id = $2 AND s.ended_at IS NULL AND s.expires_at > now()"      \
	" AND NOT u.disabled"

enum err
account_store_hold(const struct call *call, const struct principal *principal, struct user *out)
{
	static const struct pg_statement statement = {
	    "account_hold", "SELECT " USER_COLUMNS OF_LIVING_SESSION " FOR NO KEY UPDATE OF u"};
	const char *values[] = {principal->session_id.text, principal->user_id.text};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(call->pg, &call->deadline, &statement, values, COUNT_OF(values), &rows));
	if (pg_rows(rows) == 0)
		return ERR_TOKEN_INVALID;
	return user_from_row(call->arena, rows, 0, out);
}

enum err
account_store_change(
    const struct call *call, const struct account_change *change, int64_t *updated_at_ms)
{
	static const struct pg_statement statement = {"account_change",
	    "WITH changed AS ("
	    "  UPDATE users SET name = $2, locale = $3,"
	    "   updated_at = date_trunc('milliseconds', clock_timestamp())"
	    "  WHERE id = $1 RETURNING id, updated_at"
	    "), told AS ("
	    "  INSERT INTO outbox (id, type, traceparent, body)"
	    "  SELECT $4::uuid, $5::text, $6::text, $7::text FROM changed"
	    "), audited AS ("
	    "  INSERT INTO audit (id, actor_id, user_id, action, address, user_agent, detail)"
	    "  SELECT $8::uuid, id, id, 'profile_changed', $9::text, $10::text, $11::jsonb"
	    "  FROM changed"
	    ") SELECT unix_ms(updated_at) FROM changed"};
	const struct user *user = change->user;
	const char *values[] = {user->id.text, user->name, user->locale, change->event.id.text,
	    change->event.type, change->event.traceparent, change->event.body,
	    change->audit_id.text, call->client.address, call->client.user_agent, change->changed};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(call->pg, &call->deadline, &statement, values, COUNT_OF(values), &rows));
	*updated_at_ms = pg_int(rows, 0, 0);
	return ERR_OK;
}

enum err
account_secret_from_row(
    struct arena *arena, const struct pg_result *rows, struct account_secret *out)
{
	struct account_secret secret;

	TRY(pg_copy(rows, 0, 0, arena, &secret.password_hash));
	TRY(pg_copy(rows, 0, 1, arena, &secret.pepper_id));
	TRY(pg_copy(rows, 0, 2, arena, &secret.password_version));
	TRY(pg_copy(rows, 0, 3, arena, &secret.email_key));
	TRY(user_from_row(arena, rows, 4, &secret.user));
	*out = secret;
	return ERR_OK;
}

enum err
account_store_secret(const struct call *call, const struct principal *principal, const char *bucket,
    struct account_secret *out, struct account_failures *failures)
{
	static const struct pg_statement statement = {"account_secret",
	    "SELECT " ACCOUNT_SECRET_COLUMNS
	    ", coalesce((SELECT failures FROM login_failures WHERE bucket = $3), 0),"
	    " coalesce((SELECT ceil(extract(epoch FROM locked_until - now()) * 1000)"
	    "  FROM login_failures WHERE bucket = $3 AND locked_until > now()), 0)"
	    "::bigint" OF_LIVING_SESSION};
	const char *values[] = {principal->session_id.text, principal->user_id.text, bucket};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(call->pg, &call->deadline, &statement, values, COUNT_OF(values), &rows));
	if (pg_rows(rows) == 0)
		return ERR_TOKEN_INVALID;
	TRY(account_secret_from_row(call->arena, rows, out));
	failures->count = pg_int(rows, 0, ACCOUNT_SECRET_COLUMN_COUNT);
	failures->locked_ms = pg_int(rows, 0, ACCOUNT_SECRET_COLUMN_COUNT + 1);
	return ERR_OK;
}

enum err
account_store_lock(const struct call *call, const struct id *user_id, const char *password_version)
{
	/* A new session's foreign key waits for this lock, and then sees what became of the row. */
	static const struct pg_statement statement = {"account_lock",
	    "SELECT FROM users WHERE id = $1 AND NOT disabled"
	    " AND extract(epoch FROM password_changed_at) = $2::numeric FOR UPDATE"};
	const char *values[] = {user_id->text, password_version};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(call->pg, &call->deadline, &statement, values, COUNT_OF(values), &rows));
	return pg_rows(rows) > 0 ? ERR_OK : ERR_CONFLICT;
}

enum err
account_store_delete(const struct call *call, const struct account_end *end)
{
	/*
	 * A session's end is timed by the clock and not by the transaction's start, as others ask
	 * for what ended since a moment that lies only a little in the past.  Events that the relay
	 * has at hand are left to it: they go out before this one.
	 */
	static const struct pg_statement statement = {"account_delete",
	    "WITH ended AS ("
	    "  UPDATE sessions SET user_id = NULL, mac_key = '', token_hash = '',"
	    "   user_agent = '', address = '',"
	    "   ended_at = coalesce(ended_at, date_trunc('milliseconds', clock_timestamp())),"
	    "   end_reason = coalesce(end_reason, 'account_deleted')"
	    "  WHERE user_id = $1 RETURNING id"
	    "), " THROTTLE_FORGIVE(
		"$9") ", rotations AS ("
		      "  DELETE FROM refresh_rotations r USING ended WHERE r.session_id = ended.id"
		      "), requests AS ("
		      "  DELETE FROM reset_requests r USING users u"
		      "  WHERE u.id = $1 AND r.email_key = u.email_key"
		      "), waiting AS ("
		      "  SELECT id FROM outbox WHERE body::jsonb->>'subject' = $1::text"
		      "  FOR UPDATE SKIP LOCKED"
		      "), untold AS ("
		      "  DELETE FROM outbox o USING waiting WHERE o.id = waiting.id"
		      "), told AS ("
		      "  INSERT INTO outbox (id, type, traceparent, body) VALUES ($2, $3, $4, $5)"
		      "), audited AS ("
		      "  INSERT INTO audit (id, actor_id, user_id, action, address, user_agent)"
		      "  VALUES ($6, $1, $1, 'deleted', $7, $8)"
		      ") DELETE FROM users WHERE id = $1"};
	const char *values[] = {end->user_id->text, end->event.id.text, end->event.type,
	    end->event.traceparent, end->event.body, end->audit_id.text, call->client.address,
	    call->client.user_agent, end->buckets};

	return pg_run(call->pg, &call->deadline, &statement, values, COUNT_OF(values), NULL);
}

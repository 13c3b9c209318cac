#include "fcgi/auth/link_store.h"

#include <inttypes.h>
#include <stdio.h>

#include "fcgi/auth/user_store.h"
#include "shared/base/macros.h"

enum err
link_store_add(const struct call *call, const struct new_link *link)
{
	static const struct pg_statement statement = {"link_add",
	    "WITH link AS ("
	    "  INSERT INTO email_tokens (token_hash, user_id, purpose, email_key, expires_at)"
	    "  SELECT $1::text, u.id, $2::text, u.email_key,"
	    "   now() + $3::bigint * interval '1 second'"
	    "  FROM users u WHERE u.id = $4 AND (SELECT count(*) FROM email_tokens t"
	    "   WHERE t.user_id = u.id AND t.purpose = $2"
	    "    AND t.created_at > now() - interval '30 minutes') < 5"
	    "  RETURNING user_id"
	    "), told AS ("
	    "  INSERT INTO outbox (id, type, traceparent, body)"
	    "  SELECT $5::uuid, $6::text, $7::text, $8::text FROM link"
	    ") INSERT INTO audit (id, actor_id, user_id, action, address, user_agent)"
	    " SELECT $9::uuid, $10::uuid, user_id, $11::text, $12::text, $13::text FROM link"};
	char ttl[24];
	const char *values[] = {link->kept, link->purpose, ttl, link->user_id->text,
	    link->event.id.text, link->event.type, link->event.traceparent, link->event.body,
	    link->audit_id.text, link->actor_id != NULL ? link->actor_id->text : NULL, link->action,
	    call->client.address, call->client.user_agent};

	(void)snprintf(ttl, sizeof(ttl), "%" PRId64, link->ttl_s);
	return pg_run(call->pg, &call->deadline, &statement, values, COUNT_OF(values), NULL);
}

enum err
link_store_find_reset(const struct call *call, const char *kept, struct account_secret *out)
{
	static const struct pg_statement statement = {"link_find_reset",
	    "SELECT " ACCOUNT_SECRET_COLUMNS " FROM email_tokens t"
	    " JOIN users u ON u.id = t.user_id AND u.email_key = t.email_key"
	    " WHERE t.token_hash = $1 AND t.purpose = 'reset' AND t.expires_at > now()"
	    " AND NOT u.disabled"};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(call->pg, &call->deadline, &statement, &kept, 1, &rows));
	if (pg_rows(rows) == 0)
		return ERR_TOKEN_SPENT;
	return account_secret_from_row(call->arena, rows, out);
}

enum err
link_store_verify(const struct call *call, const char *kept, const struct id *audit_id)
{
	static const struct pg_statement statement = {"link_verify",
	    "WITH used AS ("
	    "  DELETE FROM email_tokens t USING users u"
	    "  WHERE t.token_hash = $1 AND t.purpose = 'verify' AND t.expires_at > now()"
	    "   AND u.id = t.user_id AND u.email_key = t.email_key AND NOT u.disabled"
	    "  RETURNING t.user_id"
	    "), verified AS ("
	    "  UPDATE users u SET email_verified = true,"
	    "   updated_at = date_trunc('milliseconds', clock_timestamp())"
	    "  FROM used WHERE u.id = used.user_id"
	    "), siblings AS ("
	    "  DELETE FROM email_tokens t USING used"
	    "  WHERE t.user_id = used.user_id AND t.purpose = 'verify' AND t.token_hash <> $1"
	    "), audited AS ("
	    "  INSERT INTO audit (id, user_id, action, address, user_agent)"
	    "  SELECT $2::uuid, user_id, 'email_verified', $3::text, $4::text FROM used"
	    ") SELECT FROM used"};
	const char *values[] = {
	    kept, audit_id->text, call->client.address, call->client.user_agent};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(call->pg, &call->deadline, &statement, values, COUNT_OF(values), &rows));
	return pg_rows(rows) > 0 ? ERR_OK : ERR_TOKEN_SPENT;
}

enum err
link_store_request_reset(const struct call *call, const char *email_key)
{
	static const struct pg_statement statement = {"link_request_reset",
	    "INSERT INTO reset_requests (id, email_key, traceparent, address, user_agent)"
	    " VALUES ($1, $2, $3, $4, $5)"};
	struct id id;
	const char *values[] = {
	    id.text, email_key, call->traceparent, call->client.address, call->client.user_agent};

	id_new(call->now_ms, &id);
	return pg_run(call->pg, &call->deadline, &statement, values, COUNT_OF(values), NULL);
}

enum err
link_store_take_request(const struct call *call, struct reset_request *out)
{
	static const struct pg_statement statement = {"link_take_request",
	    "SELECT r.id, r.traceparent, r.address, r.user_agent, u.id IS NOT NULL, " USER_COLUMNS
	    " FROM reset_requests r"
	    " LEFT JOIN users u ON u.email_key = r.email_key AND NOT u.disabled"
	    " ORDER BY r.id LIMIT 1 FOR UPDATE OF r SKIP LOCKED"};
	auto_pg_result struct pg_result *rows = NULL;
	struct reset_request request = {.known = false};

	TRY(pg_run(call->pg, &call->deadline, &statement, NULL, 0, &rows));
	if (pg_rows(rows) == 0)
		return ERR_NOT_FOUND;
	request.id = pg_id(rows, 0, 0);
	TRY(pg_copy(rows, 0, 1, call->arena, &request.traceparent));
	TRY(pg_copy(rows, 0, 2, call->arena, &request.client.address));
	TRY(pg_copy(rows, 0, 3, call->arena, &request.client.user_agent));
	request.known = pg_bool(rows, 0, 4);
	if (request.known)
		TRY(user_from_row(call->arena, rows, 5, &request.user));
	*out = request;
	return ERR_OK;
}

enum err
link_store_forget_request(const struct call *call, const struct id *id)
{
	static const struct pg_statement statement = {
	    "link_forget_request", "DELETE FROM reset_requests WHERE id = $1"};
	const char *values[] = {id->text};

	return pg_run(call->pg, &call->deadline, &statement, values, 1, NULL);
}

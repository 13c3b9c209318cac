#include "fcgi/auth/password_store.h"

#include "fcgi/auth/throttle_store.h"
#include "shared/base/macros.h"
#include "shared/infra/pg.h"

enum err
password_store_change(const struct call *call, const struct new_password *password)
{
	/* Ends are timed by the clock: see account_store_delete. */
	static const struct pg_statement statement = {"password_change",
	    "WITH changed AS ("
	    "  UPDATE users SET password_hash = $2, pepper_id = $3,"
	    "   password_changed_at = clock_timestamp() WHERE id = $1"
	    "), ended AS ("
	    "  UPDATE sessions SET end_reason = $4,"
	    "   ended_at = date_trunc('milliseconds', clock_timestamp())"
	    "  WHERE user_id = $1 AND ended_at IS NULL AND id IS DISTINCT FROM $5::uuid"
	    "  RETURNING id"
	    "), links AS ("
	    "  DELETE FROM email_tokens WHERE user_id = $1 AND purpose = 'reset'"
	    "), " THROTTLE_FORGIVE(
		"$14") ", told AS ("
		       "  INSERT INTO outbox (id, type, traceparent, body) VALUES ($6, $7, $8, $9)"
		       ") INSERT INTO audit"
		       " (id, action, actor_id, user_id, address, user_agent, detail)"
		       " VALUES ($10, $4, $11, $1, $12, $13, jsonb_build_object('sessions',"
		       "  coalesce((SELECT jsonb_agg(id) FROM ended), '[]')))"};
	const struct id *kept = password->kept_session_id;
	const char *values[] = {password->user_id->text, password->hash.text,
	    password->hash.pepper_id, password->action, kept != NULL ? kept->text : NULL,
	    password->event.id.text, password->event.type, password->event.traceparent,
	    password->event.body, password->audit_id.text,
	    password->actor_id != NULL ? password->actor_id->text : NULL, call->client.address,
	    call->client.user_agent, password->forgiven};

	return pg_run(call->pg, &call->deadline, &statement, values, COUNT_OF(values), NULL);
}

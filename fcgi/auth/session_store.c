#include "fcgi/auth/session_store.h"

#include "fcgi/auth/user_store.h"
#include "shared/base/macros.h"
#include "shared/infra/pg_number.h"

enum err
session_store_add(struct pg *pg, const struct deadline *deadline, const struct new_session *session,
    int64_t *locked_ms)
{
	/* Whoever changes the password or takes a role holds the account's row meanwhile: one waits
	 * for the other.  Rows of failures are locked in the order in which they are counted. */
	static const struct pg_statement statement = {"session_add",
	    "WITH u AS ("
	    "  SELECT id FROM users WHERE id = $2 AND NOT disabled"
	    "   AND extract(epoch FROM password_changed_at) = $3::numeric"
	    "   AND string_to_array($13, ',') <@ roles FOR KEY SHARE"
	    "), locked AS ("
	    "  SELECT max(locked_until) AS until FROM login_failures"
	    "  WHERE bucket = ANY ($11::text[]) AND locked_until > now()"
	    "), added AS ("
	    "  INSERT INTO sessions (id, user_id, mac_key, generation, token_hash, user_agent,"
	    "   address, expires_at)"
	    "  SELECT $1::uuid, u.id, $5::text, 1, $6::text, $9::text, $10::text,"
	    "   now() + $7::bigint * interval '1 second'"
	    "  FROM u, locked WHERE locked.until IS NULL RETURNING id, user_id"
	    "), counted AS ("
	    "  SELECT bucket FROM login_failures"
	    "  WHERE bucket = ANY ($4::text[]) AND EXISTS (SELECT FROM added)"
	    "  ORDER BY bucket FOR UPDATE"
	    "), forgiven AS ("
	    "  DELETE FROM login_failures f USING counted WHERE f.bucket = counted.bucket"
	    "), known AS ("
	    "  INSERT INTO known_addresses AS k (user_id, address)"
	    "  SELECT user_id, $12::text FROM added"
	    "  ON CONFLICT (user_id, address) DO UPDATE SET last_at = now()"
	    "   WHERE k.last_at < now() - interval '1 day'"
	    "), audited AS ("
	    "  INSERT INTO audit (id, actor_id, user_id, action, address, user_agent)"
	    "  SELECT $8::uuid, user_id, user_id, 'signed_in', $10::text, $9::text FROM added"
	    ") SELECT EXISTS (SELECT FROM added), coalesce((SELECT"
	    "  ceil(extract(epoch FROM until - now()) * 1000) FROM locked), 0)::bigint"};
	char ttl[PG_NUMBER_SIZE];
	const char *values[] = {session->id.text, session->user_id.text, session->password_version,
	    session->throttle->counts, session->mac_key, session->token_hash,
	    pg_number_text(session->ttl_s, ttl), session->audit_id.text, session->client.user_agent,
	    session->client.address, session->throttle->holds, session->network, session->roles};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(pg, deadline, &statement, values, COUNT_OF(values), &rows));
	if (pg_bool(rows, 0, 0))
		return ERR_OK;
	if (pg_int(rows, 0, 1) == 0)
		return ERR_CREDENTIALS;
	*locked_ms = pg_int(rows, 0, 1);
	return ERR_ACCOUNT_LOCKED;
}

enum err
session_store_find(struct pg *pg, const struct deadline *deadline, struct arena *arena,
    const struct id *id, uint32_t generation, struct session *out)
{
	static const struct pg_statement statement = {"session_find",
	    "SELECT s.ended_at IS NULL AND s.expires_at > now() AND NOT u.disabled, s.generation,"
	    " s.mac_key, s.token_hash, ceil(extract(epoch FROM s.expires_at - now()))::bigint,"
	    " r.session_id IS NOT NULL,"
	    " coalesce(r.at > now() - $3::bigint * interval '1 second', false),"
	    " r.token_hash, r.salt, " USER_COLUMNS
	    " FROM sessions s JOIN users u ON u.id = s.user_id"
	    " LEFT JOIN refresh_rotations r ON r.session_id = s.id AND r.generation = $2::integer"
	    " WHERE s.id = $1"};
	char number[PG_NUMBER_SIZE];
	char grace[PG_NUMBER_SIZE];
	const char *values[] = {
	    id->text, pg_number_text(generation, number), pg_number_text(REFRESH_GRACE_S, grace)};
	auto_pg_result struct pg_result *rows = NULL;
	struct session session = {.id = *id};

	TRY(pg_run(pg, deadline, &statement, values, COUNT_OF(values), &rows));
	if (pg_rows(rows) == 0)
		return ERR_NOT_FOUND;
	session.alive = pg_bool(rows, 0, 0);
	session.generation = pg_int(rows, 0, 1);
	TRY(pg_copy(rows, 0, 2, arena, &session.mac_key));
	TRY(pg_copy(rows, 0, 3, arena, &session.token_hash));
	session.expires_in_s = pg_int(rows, 0, 4);
	session.rotated = pg_bool(rows, 0, 5);
	session.in_grace = pg_bool(rows, 0, 6);
	TRY(pg_copy(rows, 0, 7, arena, &session.rotated_hash));
	TRY(pg_copy(rows, 0, 8, arena, &session.salt));
	TRY(user_from_row(arena, rows, 9, &session.user));
	*out = session;
	return ERR_OK;
}

enum err
session_store_rotate(
    struct pg *pg, const struct deadline *deadline, const struct rotation *rotation)
{
	static const struct pg_statement statement = {"session_rotate",
	    "WITH rotated AS ("
	    "  UPDATE sessions SET generation = generation + 1, token_hash = $5,"
	    "   last_used_at = now(), expires_at = now() + $6::bigint * interval '1 second',"
	    "   user_agent = $8, address = $9"
	    "  WHERE id = $1 AND generation = $2::integer AND token_hash = $3 AND ended_at IS NULL"
	    "  RETURNING id"
	    "), pruned AS ("
	    "  DELETE FROM refresh_rotations r USING rotated WHERE r.session_id = rotated.id"
	    "   AND r.at < now() - $7::bigint * interval '1 second'"
	    "), kept AS ("
	    "  INSERT INTO refresh_rotations (session_id, generation, token_hash, salt)"
	    "  SELECT id, $2::integer, $3, $4 FROM rotated"
	    ") SELECT FROM rotated"};
	char generation[PG_NUMBER_SIZE];
	char ttl[PG_NUMBER_SIZE];
	char grace[PG_NUMBER_SIZE];
	const char *values[] = {rotation->session_id->text,
	    pg_number_text(rotation->generation, generation), rotation->token_hash, rotation->salt,
	    rotation->successor_hash, pg_number_text(rotation->ttl_s, ttl),
	    pg_number_text(REFRESH_GRACE_S, grace), rotation->client.user_agent,
	    rotation->client.address};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(pg, deadline, &statement, values, COUNT_OF(values), &rows));
	return pg_rows(rows) > 0 ? ERR_OK : ERR_CONFLICT;
}

/*
 * Ends the living sessions of which CONDITION is true, with one audit row for a user.  Timed by the
 * clock, as the statement may have had to wait: others ask for what ended since a moment that lies
 * only a little in the past.
 */
#define END_SESSIONS(condition)                                                                    \
	"WITH ended AS ("                                                                          \
	"  UPDATE sessions SET end_reason = $2,"                                                   \
	"   ended_at = date_trunc('milliseconds', clock_timestamp())"                              \
	"  WHERE ended_at IS NULL AND " condition " RETURNING id, user_id"                         \
	"), told AS ("                                                                             \
	"  INSERT INTO outbox (id, type, traceparent, body)"                                       \
	"  SELECT $7::uuid, $8::text, $9::text, $10::text"                                         \
	"  WHERE $7::uuid IS NOT NULL AND EXISTS (SELECT FROM ended)"                              \
	") INSERT INTO audit (id, action, actor_id, user_id, address, user_agent, detail)"         \
	" SELECT $4::uuid, $2, coalesce($3::uuid, user_id), user_id, $5::text, $6::text,"          \
	"  jsonb_build_object('sessions', jsonb_agg(id))"                                          \
	" FROM ended GROUP BY user_id"

enum err
session_store_end(struct pg *pg, const struct deadline *deadline, const struct session_end *end)
{
	static const struct pg_statement one = {"session_end", END_SESSIONS("id = $1")};
	static const struct pg_statement all = {"sessions_end", END_SESSIONS("user_id = $1")};
	const struct user_event *event = end->event;
	const char *values[] = {
	    end->session_id != NULL ? end->session_id->text : end->user_id->text, end->reason,
	    end->actor_id != NULL ? end->actor_id->text : NULL, end->audit_id.text,
	    end->client.address, end->client.user_agent, event != NULL ? event->id.text : NULL,
	    event != NULL ? event->type : NULL, event != NULL ? event->traceparent : NULL,
	    event != NULL ? event->body : NULL};

	return pg_run(
	    pg, deadline, end->session_id != NULL ? &one : &all, values, COUNT_OF(values), NULL);
}

enum err
session_store_user(struct pg *pg, const struct deadline *deadline, struct arena *arena,
    const struct id *session_id, const struct id *user_id, struct user *out)
{
	static const struct pg_statement statement = {"session_user",
	    "SELECT " USER_COLUMNS " FROM sessions s JOIN users u ON u.id = s.user_id"
	    " WHERE s.id = $1 AND s.user_id = $2 AND s.ended_at IS NULL AND s.expires_at > now()"
	    " AND NOT u.disabled"};
	const char *values[] = {session_id->text, user_id->text};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(pg, deadline, &statement, values, COUNT_OF(values), &rows));
	if (pg_rows(rows) == 0)
		return ERR_TOKEN_INVALID;
	return user_from_row(arena, rows, 0, out);
}

static enum err
read_listed(
    struct arena *arena, const struct pg_result *rows, size_t row, struct listed_session *out)
{
	struct listed_session session = {.id = pg_id(rows, row, 0),
	    .created_at_ms = pg_int(rows, row, 3),
	    .last_used_at_ms = pg_int(rows, row, 4)};

	TRY_ALLOC(session.user_agent = arena_strdup(arena, pg_text(rows, row, 1)));
	TRY_ALLOC(session.address = arena_strdup(arena, pg_text(rows, row, 2)));
	*out = session;
	return ERR_OK;
}

enum err
session_store_list(const struct call *call, const struct id *user_id, const struct id *after,
    int64_t limit, struct listed_session **out, size_t *count)
{
	static const struct pg_statement statement = {"session_list",
	    "SELECT id, user_agent, address, unix_ms(created_at), unix_ms(last_used_at)"
	    " FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now()"
	    " AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3::bigint"};
	char most[PG_NUMBER_SIZE];
	const char *values[] = {
	    user_id->text, after != NULL ? after->text : NULL, pg_number_text(limit, most)};
	auto_pg_result struct pg_result *rows = NULL;
	struct listed_session *sessions;

	TRY(pg_run(call->pg, &call->deadline, &statement, values, COUNT_OF(values), &rows));
	TRY_ALLOC(sessions = arena_array(call->arena, pg_rows(rows), sizeof(*sessions)));
	for (size_t i = 0; i < pg_rows(rows); i++)
		TRY(read_listed(call->arena, rows, i, &sessions[i]));
	*out = sessions;
	*count = pg_rows(rows);
	return ERR_OK;
}

enum err
session_store_ended(struct pg *pg, const struct deadline *deadline, struct arena *arena,
    int64_t since_ms, int64_t ttl_s, struct ended_sessions *out)
{
	/*
	 * The time of the answer lies a little in the past, as what ended in a transaction that is
	 * not yet visible has an earlier time; and on a multiple of ten seconds, so that an answer
	 * without news has the same bytes as the one before.
	 */
	static const struct pg_statement statement = {"session_ended",
	    "SELECT (floor((extract(epoch FROM now()) - 5) / 10) * 10000)::bigint,"
	    " s.id, unix_ms(s.ended_at)"
	    " FROM (VALUES (1)) AS always LEFT JOIN sessions s ON s.ended_at >="
	    " greatest(to_timestamp($1::bigint / 1000.0), now() - $2::bigint * interval '1 second')"
	    " ORDER BY s.ended_at, s.id LIMIT $3::bigint"};
	char since[PG_NUMBER_SIZE];
	char ttl[PG_NUMBER_SIZE];
	char most[PG_NUMBER_SIZE];
	const char *values[] = {pg_number_text(since_ms, since), pg_number_text(ttl_s, ttl),
	    pg_number_text(ENDED_SESSIONS_MAX, most)};
	auto_pg_result struct pg_result *rows = NULL;
	struct ended_session *sessions;

	TRY(pg_run(pg, deadline, &statement, values, COUNT_OF(values), &rows));
	out->count = pg_is_null(rows, 0, 1) ? 0 : pg_rows(rows);
	TRY_ALLOC(sessions = arena_array(arena, out->count, sizeof(*sessions)));
	for (size_t i = 0; i < out->count; i++) {
		sessions[i].id = pg_id(rows, i, 1);
		sessions[i].at_ms = pg_int(rows, i, 2);
	}
	out->sessions = sessions;
	out->now_ms =
	    out->count == ENDED_SESSIONS_MAX ? sessions[out->count - 1].at_ms : pg_int(rows, 0, 0);
	return ERR_OK;
}

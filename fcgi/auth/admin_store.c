#include "fcgi/auth/admin_store.h"

#include "fcgi/auth/role_names.h"
#include "fcgi/auth/user_store.h"
#include "shared/base/macros.h"
#include "shared/infra/pg_number.h"

/* A page of those whose id is below $1, or all; $2 are the most. */
#define PAGE                                                                                       \
	" u.id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')"                       \
	" ORDER BY u.id DESC LIMIT $2::bigint"

/* $3 split like what is searched; each of its words may go on.  No word at all finds nobody. */
#define WORDS_BEGINNING                                                                            \
	"nullif(replace(plainto_tsquery('simple', translate($3, '@._-+/:', '       '))::text,"     \
	" ''' & ''', ''':* & ''') || ':*', ':*')::tsquery"

enum err
admin_store_search(const struct call *call, const char *q, const struct id *after, int64_t limit,
    struct user **out, size_t *count)
{
	static const struct pg_statement all = {
	    "users_all", "SELECT " USER_COLUMNS " FROM users u WHERE" PAGE};
	static const struct pg_statement some = {"users_some",
	    "SELECT " USER_COLUMNS " FROM users u"
	    " WHERE user_words(u.email_key, u.name) @@ " WORDS_BEGINNING " AND" PAGE};
	char most[PG_NUMBER_SIZE];
	const char *values[] = {after != NULL ? after->text : NULL, pg_number_text(limit, most), q};
	auto_pg_result struct pg_result *rows = NULL;
	struct user *users;

	TRY(pg_run(
	    call->pg, &call->deadline, q != NULL ? &some : &all, values, q != NULL ? 3 : 2, &rows));
	TRY_ALLOC(users = arena_array(call->arena, pg_rows(rows), sizeof(*users)));
	for (size_t i = 0; i < pg_rows(rows); i++)
		TRY(user_from_rows(call->arena, rows, i, 0, &users[i]));
	*out = users;
	*count = pg_rows(rows);
	return ERR_OK;
}

static enum err
find(const struct call *call, const struct pg_statement *statement, const struct id *id,
    struct user *out)
{
	const char *values[] = {id->text};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(call->pg, &call->deadline, statement, values, COUNT_OF(values), &rows));
	if (pg_rows(rows) == 0)
		return ERR_NOT_FOUND;
	return user_from_row(call->arena, rows, 0, out);
}

enum err
admin_store_find(const struct call *call, const struct id *id, struct user *out)
{
	static const struct pg_statement statement = {
	    "user_find", "SELECT " USER_COLUMNS " FROM users u WHERE u.id = $1"};

	return find(call, &statement, id, out);
}

enum err
admin_store_hold(const struct call *call, const struct id *id, struct user *out)
{
	static const struct pg_statement statement = {
	    "user_hold", "SELECT " USER_COLUMNS " FROM users u WHERE u.id = $1 FOR UPDATE"};

	return find(call, &statement, id, out);
}

enum err
admin_store_begin(const struct call *call)
{
	/* A number of our own, as any would do. */
	static const struct pg_statement statement = {
	    "admin_begin", "SELECT pg_advisory_xact_lock(7233014)"};

	return pg_run(call->pg, &call->deadline, &statement, NULL, 0, NULL);
}

enum err
admin_store_another(const struct call *call, const struct id *id, bool *there_is)
{
	static const struct pg_statement statement = {"admin_another",
	    "SELECT EXISTS (SELECT FROM users"
	    " WHERE 'admin' = ANY (roles) AND NOT disabled AND id <> $1)"};
	const char *values[] = {id->text};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(call->pg, &call->deadline, &statement, values, COUNT_OF(values), &rows));
	*there_is = pg_bool(rows, 0, 0);
	return ERR_OK;
}

enum err
admin_store_change(const struct call *call, const struct admin_change *change, struct user *out)
{
	static const struct pg_statement statement = {"user_administer",
	    "WITH before AS ("
	    "  SELECT roles, disabled FROM users WHERE id = $1"
	    "), changed AS ("
	    "  UPDATE users SET roles = string_to_array($2, ','), disabled = $3::boolean,"
	    "   updated_at = date_trunc('milliseconds', clock_timestamp())"
	    "  WHERE id = $1 RETURNING *"
	    "), ended AS ("
	    "  UPDATE sessions SET ended_at = date_trunc('milliseconds', clock_timestamp()),"
	    "   end_reason = CASE WHEN $3::boolean THEN 'account_disabled' ELSE 'role_taken' END"
	    "  WHERE user_id = $1 AND ended_at IS NULL AND ($3::boolean"
	    "   OR NOT (SELECT roles <@ string_to_array($2, ',') FROM before)) RETURNING id"
	    "), audited AS ("
	    "  INSERT INTO audit (id, actor_id, user_id, action, address, user_agent, detail)"
	    "  SELECT $4::uuid, $5::uuid, c.id, 'account_administered', $6::text, $7::text,"
	    "   jsonb_build_object('roles', c.roles, 'roles_before', b.roles,"
	    "    'disabled', c.disabled, 'disabled_before', b.disabled,"
	    "    'sessions', (SELECT coalesce(jsonb_agg(id), '[]') FROM ended))"
	    "  FROM changed c, before b"
	    ") SELECT " USER_COLUMNS " FROM changed u"};
	const char *roles = role_names_text(call->arena, change->user->roles);
	const char *values[] = {change->user->id.text, roles,
	    change->user->disabled ? "true" : "false", change->audit_id.text,
	    change->actor_id->text, call->client.address, call->client.user_agent};
	auto_pg_result struct pg_result *rows = NULL;

	TRY_ALLOC(roles);
	TRY(pg_run(call->pg, &call->deadline, &statement, values, COUNT_OF(values), &rows));
	return user_from_row(call->arena, rows, 0, out);
}

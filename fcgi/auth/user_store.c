#include "fcgi/auth/user_store.h"

#include "fcgi/auth/role_names.h"
#include "shared/base/check.h"
#include "shared/base/macros.h"
#include "shared/base/str.h"

enum err
user_from_rows(
    struct arena *arena, const struct pg_result *rows, size_t row, size_t column, struct user *out)
{
	struct user user = {
	    .id = pg_id(rows, row, column),
	    .roles = role_names_parse(pg_text(rows, row, column + 4)),
	    .email_verified = pg_bool(rows, row, column + 5),
	    .created_at_ms = pg_int(rows, row, column + 6),
	    .updated_at_ms = pg_int(rows, row, column + 7),
	    .disabled = pg_bool(rows, row, column + 8),
	};

	TRY(pg_copy(rows, row, column + 1, arena, &user.email));
	TRY(pg_copy(rows, row, column + 2, arena, &user.name));
	TRY(pg_copy(rows, row, column + 3, arena, &user.locale));
	*out = user;
	return ERR_OK;
}

enum err
user_from_row(struct arena *arena, const struct pg_result *rows, size_t column, struct user *out)
{
	return user_from_rows(arena, rows, 0, column, out);
}

enum err
user_store_free_email(struct pg *pg, const struct deadline *deadline, const char *email_key)
{
	static const struct pg_statement statement = {
	    "email_taken", "SELECT FROM users WHERE email_key = $1"};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(pg, deadline, &statement, &email_key, 1, &rows));
	return pg_rows(rows) == 0 ? ERR_OK : ERR_EMAIL_TAKEN;
}

enum err
user_store_add(struct pg *pg, const struct deadline *deadline, struct arena *arena,
    const struct new_user *new_user, struct user *out)
{
	static const struct pg_statement statement = {"user_add",
	    "WITH u AS ("
	    "  INSERT INTO users (id, email, email_key, name, locale, password_hash, pepper_id)"
	    "  VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *"
	    "), link AS ("
	    "  INSERT INTO email_tokens (token_hash, user_id, purpose, email_key, expires_at)"
	    "  SELECT $8::text, id, 'verify', email_key, now() + interval '24 hours' FROM u"
	    "), event AS ("
	    "  INSERT INTO outbox (id, type, traceparent, body) VALUES ($9, $10, $11, $12)"
	    "), audited AS ("
	    "  INSERT INTO audit (id, actor_id, user_id, action, address, user_agent)"
	    "  SELECT $13::uuid, id, id, 'registered', $14::text, $15::text FROM u"
	    ") SELECT " USER_COLUMNS " FROM u"};
	const char *values[] = {new_user->id.text, new_user->email, new_user->email_key,
	    new_user->name, new_user->locale, new_user->password.text, new_user->password.pepper_id,
	    new_user->verification_hash, new_user->event.id.text, new_user->event.type,
	    new_user->event.traceparent, new_user->event.body, new_user->audit_id.text,
	    new_user->client.address, new_user->client.user_agent};
	auto_pg_result struct pg_result *rows = NULL;
	enum err err = pg_run(pg, deadline, &statement, values, COUNT_OF(values), &rows);

	if (err == ERR_CONFLICT && str_equal(pg_constraint(pg), "users_email_taken"))
		return ERR_EMAIL_TAKEN;
	TRY(err);
	return user_from_row(arena, rows, 0, out);
}

/* For how long a bucket is locked, and the three of a sign-in. */
#define LOCKED_MS(f)                                                                               \
	"greatest(coalesce(ceil(extract(epoch FROM " f ".locked_until - now()) * 1000), 0), 0)"    \
	"::bigint"
#define LOGIN_LOCKS LOCKED_MS("fa") ", " LOCKED_MS("fp") ", " LOCKED_MS("fd")

enum err
user_store_find_login(struct pg *pg, const struct deadline *deadline, struct arena *arena,
    const char *email_key, const struct throttle_buckets *buckets, const char *network,
    struct login_account *out)
{
	static const struct pg_statement statement = {"login_account",
	    "SELECT " LOGIN_LOCKS ", k.user_id IS NOT NULL, t.confirmed_at IS NOT NULL,"
	    " u.password_hash, u.pepper_id, extract(epoch FROM u.password_changed_at),"
	    " " USER_COLUMNS " FROM (VALUES (1)) AS always"
	    " LEFT JOIN users u ON u.email_key = $1"
	    " LEFT JOIN known_addresses k ON k.user_id = u.id AND k.address = $5"
	    " LEFT JOIN totp t ON t.user_id = u.id"
	    " LEFT JOIN login_failures fa ON fa.bucket = $2"
	    " LEFT JOIN login_failures fp ON fp.bucket = $3"
	    " LEFT JOIN login_failures fd ON fd.bucket = $4"};
	const char *values[] = {
	    email_key, buckets->account, buckets->pair, buckets->device, network};
	auto_pg_result struct pg_result *rows = NULL;
	struct login_account account = {.known = false};

	TRY(pg_run(pg, deadline, &statement, values, COUNT_OF(values), &rows));
	check(pg_rows(rows) == 1);
	account.locks =
	    (struct throttle_locks){pg_int(rows, 0, 0), pg_int(rows, 0, 1), pg_int(rows, 0, 2)};
	account.known = !pg_is_null(rows, 0, 5);
	if (account.known) {
		account.address_known = pg_bool(rows, 0, 3);
		account.second_factor = pg_bool(rows, 0, 4);
		TRY(pg_copy(rows, 0, 5, arena, &account.password_hash));
		TRY(pg_copy(rows, 0, 6, arena, &account.pepper_id));
		TRY(pg_copy(rows, 0, 7, arena, &account.password_version));
		TRY(user_from_row(arena, rows, 8, &account.user));
	}
	*out = account;
	return ERR_OK;
}

enum err
user_store_rehash(struct pg *pg, const struct deadline *deadline, const struct id *user_id,
    const char *old_hash, const struct password_hash *password)
{
	static const struct pg_statement statement = {"user_rehash",
	    "UPDATE users SET password_hash = $3, pepper_id = $4"
	    " WHERE id = $1 AND password_hash = $2"};
	const char *values[] = {user_id->text, old_hash, password->text, password->pepper_id};

	return pg_run(pg, deadline, &statement, values, 4, NULL);
}

enum err
user_store_make_admin(struct pg *pg, const struct deadline *deadline, const char *email_key,
    const struct id *audit_id)
{
	static const struct pg_statement statement = {"user_make_admin",
	    "WITH found AS ("
	    "  SELECT id, 'admin' = ANY (roles) AS already FROM users WHERE email_key = $1"
	    "), made AS ("
	    "  UPDATE users u SET roles = array_append(u.roles, 'admin'),"
	    "   updated_at = date_trunc('milliseconds', now())"
	    "  FROM found WHERE u.id = found.id AND NOT found.already RETURNING u.id"
	    "), audited AS ("
	    "  INSERT INTO audit (id, user_id, action) SELECT $2::uuid, id, 'made_admin' FROM made"
	    ") SELECT FROM found"};
	const char *values[] = {email_key, audit_id->text};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(pg, deadline, &statement, values, 2, &rows));
	return pg_rows(rows) > 0 ? ERR_OK : ERR_NOT_FOUND;
}

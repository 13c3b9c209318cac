/*
 * auth/user_store: accounts in PostgreSQL.  One round trip a call; a worker's own thread.
 *
 * Texts of results live in the arena.  Errors are those of pg_run where nothing else is said.
 */
#ifndef FCGI_AUTH_USER_STORE_H
#define FCGI_AUTH_USER_STORE_H

#include "fcgi/auth/call.h"
#include "fcgi/auth/passwords.h"
#include "fcgi/auth/throttle.h"
#include "fcgi/auth/user.h"
#include "fcgi/auth/user_event.h"
#include "shared/base/arena.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/infra/pg.h"

/* The columns that user_from_row reads, of a table called u. */
#define USER_COLUMNS                                                                               \
	"u.id, u.email, u.name, u.locale, array_to_string(u.roles, ','), u.email_verified,"        \
	" unix_ms(u.created_at), unix_ms(u.updated_at), u.disabled"
#define USER_COLUMN_COUNT 9

/* Reads USER_COLUMNS, the first of them in COLUMN.  ERR_MEMORY. */
MUST_USE enum err user_from_row(
    struct arena *arena, const struct pg_result *rows, size_t column, struct user *out);

/* The same of another row than the first. */
MUST_USE enum err user_from_rows(
    struct arena *arena, const struct pg_result *rows, size_t row, size_t column, struct user *out);

/* ERR_EMAIL_TAKEN or ERR_OK, at a glance: user_store_add decides. */
MUST_USE enum err user_store_free_email(
    struct pg *pg, const struct deadline *deadline, const char *email_key);

struct new_user {
	struct id id;
	const char *email, *email_key, *name;
	const char *locale; /* or NULL */
	struct password_hash password;
	const char *verification_hash; /* of the token that is in the event */
	struct user_event event;
	struct id audit_id;
	struct client client;
};

/* The account, its mail token, its event and its audit row, in one statement.  ERR_EMAIL_TAKEN. */
MUST_USE enum err user_store_add(struct pg *pg, const struct deadline *deadline,
    struct arena *arena, const struct new_user *new_user, struct user *out);

struct login_account {
	struct throttle_locks locks;
	bool known;         /* what follows is there */
	bool address_known; /* it signed in from this network lately */
	bool second_factor; /* confirmed */
	struct user user;
	const char *password_hash, *pepper_id;
	const char *password_version; /* changes when its owner changes the password */
};

/* What a sign-in needs; the same work for addresses without an account. */
MUST_USE enum err user_store_find_login(struct pg *pg, const struct deadline *deadline,
    struct arena *arena, const char *email_key, const struct throttle_buckets *buckets,
    const char *network, struct login_account *out);

/* The same password under another cost or pepper; nothing when it was changed meanwhile. */
MUST_USE enum err user_store_rehash(struct pg *pg, const struct deadline *deadline,
    const struct id *user_id, const char *old_hash, const struct password_hash *password);

/* ERR_NOT_FOUND: no such account. */
MUST_USE enum err user_store_make_admin(struct pg *pg, const struct deadline *deadline,
    const char *email_key, const struct id *audit_id);

#endif

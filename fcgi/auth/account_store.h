/*
 * auth/account_store: what an account's owner does to it, in PostgreSQL.  One round trip a call; a
 * worker's own thread.
 *
 * Texts of results live in the arena.  Errors are those of pg_run where nothing else is said.
 */
#ifndef FCGI_AUTH_ACCOUNT_STORE_H
#define FCGI_AUTH_ACCOUNT_STORE_H

#include "fcgi/auth/call.h"
#include "fcgi/auth/user.h"
#include "fcgi/auth/user_event.h"
#include "fcgi/auth/user_store.h"
#include "shared/base/err.h"
#include "shared/base/id.h"
#include "shared/edge/principal.h"

/* The account of a living session, which nobody else changes until the transaction ends.
 * ERR_TOKEN_INVALID: ended, expired or disabled. */
MUST_USE enum err account_store_hold(
    const struct call *call, const struct principal *principal, struct user *out);

struct account_change {
	const struct user *user; /* as it shall be */
	const char *changed;     /* for the audit: JSON, names of members, no values */
	struct id audit_id;
	struct user_event event;
};

/* Changes name and locale of an account that is held.  *UPDATED_AT_MS tells when. */
MUST_USE enum err account_store_change(
    const struct call *call, const struct account_change *change, int64_t *updated_at_ms);

struct account_secret {
	struct user user;
	const char *email_key;
	const char *password_hash, *pepper_id;
	const char *password_version; /* changes when its owner changes the password */
};

/* The columns that account_secret_from_row reads, of a table called u. */
#define ACCOUNT_SECRET_COLUMNS                                                                     \
	"u.password_hash, u.pepper_id, extract(epoch FROM u.password_changed_at), u.email_key,"    \
	" " USER_COLUMNS
#define ACCOUNT_SECRET_COLUMN_COUNT (4 + USER_COLUMN_COUNT)
/* Reads ACCOUNT_SECRET_COLUMNS, the first columns of the first row.  ERR_MEMORY. */
MUST_USE enum err account_secret_from_row(
    struct arena *arena, const struct pg_result *rows, struct account_secret *out);

struct account_failures { /* of a bucket */
	int64_t count;
	int64_t locked_ms; /* 0: not locked */
};

/* What proves who holds a living session, and how often that failed lately in BUCKET.
 * ERR_TOKEN_INVALID: ended, expired or disabled. */
MUST_USE enum err account_store_secret(const struct call *call, const struct principal *principal,
    const char *bucket, struct account_secret *out, struct account_failures *failures);

/*
 * Holds an account against every change and every new session until the transaction ends.
 * ERR_CONFLICT: it is gone or disabled, or its password is not of that version any more.
 */
MUST_USE enum err account_store_lock(
    const struct call *call, const struct id *user_id, const char *password_version);

struct account_end {
	const struct id *user_id;
	const char *buckets; /* of failed sign-ins, as PostgreSQL writes an array */
	struct id audit_id;
	struct user_event event;
};

/*
 * Removes an account that is locked, and what there is of it: sessions, links, events that wait.
 * What remains is which of its sessions ended and when, and the audit: ids, actions and times, and
 * from where this step was done.
 */
MUST_USE enum err account_store_delete(const struct call *call, const struct account_end *end);

#endif

/*
 * auth/session_store: sessions and their refresh tokens in PostgreSQL.  One round trip a call; a
 * worker's own thread.
 *
 * All times are the database's, so that pods need not agree on theirs.  Texts of results live in
 * the arena.  Errors are those of pg_run where nothing else is said.
 */
#ifndef FCGI_AUTH_SESSION_STORE_H
#define FCGI_AUTH_SESSION_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/auth/call.h"
#include "fcgi/auth/throttle.h"
#include "fcgi/auth/user.h"
#include "fcgi/auth/user_event.h"
#include "shared/base/arena.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/infra/pg.h"

/* A refresh token used twice within it gives the same successor again. */
#define REFRESH_GRACE_S 10

struct new_session {
	struct id id;
	struct id user_id;
	const char *password_version;    /* the password that was checked */
	const char *roles;               /* those that its token names */
	const struct throttle *throttle; /* what holds it up, and what it forgives */
	const char *network;             /* known for the account's from now on */
	const char *mac_key, *token_hash;
	int64_t ttl_s;
	struct id audit_id;
	struct client client;
};

/*
 * Begins a session.  ERR_ACCOUNT_LOCKED: the account was locked meanwhile, by others' failures,
 * for *LOCKED_MS; ERR_CREDENTIALS: it was disabled, lost a role or got another password meanwhile.
 */
MUST_USE enum err session_store_add(struct pg *pg, const struct deadline *deadline,
    const struct new_session *session, int64_t *locked_ms);

struct session {
	struct id id;
	bool alive; /* neither ended nor expired, nor its account disabled */
	int64_t generation;
	const char *mac_key, *token_hash;
	struct user user;
	int64_t expires_in_s;
	/* How the token of the generation asked for was used, while that is kept. */
	bool rotated;
	bool in_grace;
	const char *rotated_hash, *salt;
};

/* ERR_NOT_FOUND. */
MUST_USE enum err session_store_find(struct pg *pg, const struct deadline *deadline,
    struct arena *arena, const struct id *id, uint32_t generation, struct session *out);

struct rotation {
	const struct id *session_id;
	uint32_t generation; /* of the token that is used */
	const char *token_hash, *salt;
	const char *successor_hash;
	int64_t ttl_s;
	struct client client;
};

/* ERR_CONFLICT: the token is no longer the latest: somebody else was quicker. */
MUST_USE enum err session_store_rotate(
    struct pg *pg, const struct deadline *deadline, const struct rotation *rotation);

struct session_end {
	const struct id *session_id; /* NULL: all of the user's */
	const struct id *user_id;    /* for all of them */
	const struct id *actor_id;   /* NULL: the session's own user */
	const char *reason;          /* of the table's list; the audit's action too */
	struct id audit_id;
	const struct user_event *event; /* or NULL */
	struct client client;
};

/* Ends what is still alive; the audit, and the event, tell of it once.  ERR_OK also when nothing
 * was. */
MUST_USE enum err session_store_end(
    struct pg *pg, const struct deadline *deadline, const struct session_end *end);

/* The account of a living session.  ERR_TOKEN_INVALID: ended, expired or disabled. */
MUST_USE enum err session_store_user(struct pg *pg, const struct deadline *deadline,
    struct arena *arena, const struct id *session_id, const struct id *user_id, struct user *out);

struct listed_session {
	struct id id;
	const char *user_agent, *address; /* of its latest use */
	int64_t created_at_ms, last_used_at_ms;
};

/* The living sessions of a user, newest first, before the session AFTER (NULL: from the first), up
 * to LIMIT of them. */
MUST_USE enum err session_store_list(const struct call *call, const struct id *user_id,
    const struct id *after, int64_t limit, struct listed_session **out, size_t *count);

struct ended_sessions {
	const struct ended_session {
		struct id id;
		int64_t at_ms;
	} * sessions; /* in the order of their ends */
	size_t count;
	int64_t now_ms; /* every end before is listed */
};

#define ENDED_SESSIONS_MAX 20000

/* Sessions that ended at SINCE_MS or later, and within the last TTL_S; the first ENDED_SESSIONS_MAX
 * of them, and then NOW_MS is where to go on. */
MUST_USE enum err session_store_ended(struct pg *pg, const struct deadline *deadline,
    struct arena *arena, int64_t since_ms, int64_t ttl_s, struct ended_sessions *out);

#endif

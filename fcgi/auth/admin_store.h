/*
 * auth/admin_store: what administrators see of accounts and do to them, in PostgreSQL.  One round
 * trip a call; a worker's own thread.
 *
 * Texts of results live in the arena.  Errors are those of pg_run where nothing else is said.
 */
#ifndef FCGI_AUTH_ADMIN_STORE_H
#define FCGI_AUTH_ADMIN_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "fcgi/auth/call.h"
#include "fcgi/auth/user.h"
#include "shared/base/err.h"
#include "shared/base/id.h"

/*
 * Accounts, the newest first, those after AFTER (NULL: from the start).  Q (NULL: all) are words,
 * each of which begins some word of the name or the address.
 */
MUST_USE enum err admin_store_search(const struct call *call, const char *q, const struct id *after,
    int64_t limit, struct user **out, size_t *count);
/* ERR_NOT_FOUND. */
MUST_USE enum err admin_store_find(const struct call *call, const struct id *id, struct user *out);

/* Until the transaction ends nobody else changes an account as an administrator. */
MUST_USE enum err admin_store_begin(const struct call *call);
/* As admin_store_find; and no session of it begins until the transaction ends. */
MUST_USE enum err admin_store_hold(const struct call *call, const struct id *id, struct user *out);
/* Is there an administrator who is not ID, and not disabled? */
MUST_USE enum err admin_store_another(const struct call *call, const struct id *id, bool *there_is);

struct admin_change {
	const struct user *user; /* as it shall be */
	const struct id *actor_id;
	struct id audit_id;
};
/* Sets roles and disabled of an account that is held.  Where that takes a role, or disables it, its
 * sessions end: others believe their tokens until they do. */
MUST_USE enum err admin_store_change(
    const struct call *call, const struct admin_change *change, struct user *out);

#endif

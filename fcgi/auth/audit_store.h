/*
 * auth/audit_store: the audit, read from PostgreSQL.  A worker's own thread.
 */
#ifndef FCGI_AUTH_AUDIT_STORE_H
#define FCGI_AUTH_AUDIT_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "fcgi/auth/call.h"
#include "shared/base/err.h"
#include "shared/base/id.h"

struct audit_event { /* texts in the arena, NULL where there is nothing */
	struct id id;
	int64_t at_ms;
	const char *actor_id, *user_id;
	const char *action, *address, *user_agent;
	const char *detail; /* JSON */
};

/* Events of USER_ID, or of all (NULL), the newest first, those after AFTER (NULL: from the start).
 * Errors of pg_run. */
MUST_USE enum err audit_store_list(const struct call *call, const struct id *user_id,
    const struct id *after, int64_t limit, struct audit_event **out, size_t *count);

#endif

/*
 * auth/password_store: an account gets another password, in PostgreSQL.  One round trip; a worker's
 * own thread.
 */
#ifndef FCGI_AUTH_PASSWORD_STORE_H
#define FCGI_AUTH_PASSWORD_STORE_H

#include "fcgi/auth/call.h"
#include "fcgi/auth/passwords.h"
#include "fcgi/auth/user_event.h"
#include "shared/base/err.h"
#include "shared/base/id.h"

struct new_password {
	const struct id *user_id;
	const struct id *actor_id;        /* NULL: nobody who was signed in */
	const struct id *kept_session_id; /* NULL: none */
	struct password_hash hash;
	const char *forgiven; /* failed sign-ins, as PostgreSQL writes an array of their buckets */
	const char *action;   /* for the audit; of the list of the sessions' ends too */
	struct id audit_id;
	struct user_event event;
};

/* Of an account that is locked: the password, the end of its other sessions and of every link that
 * could reset it, the event, the audit row.  Errors are those of pg_run. */
MUST_USE enum err password_store_change(
    const struct call *call, const struct new_password *password);

#endif

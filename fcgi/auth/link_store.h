/*
 * auth/link_store: single-use links in mails, in PostgreSQL.  One round trip a call.
 *
 * A link is bound to the address it was sent to: with another address the account does not know it.
 * Errors are those of pg_run where nothing else is said.
 */
#ifndef FCGI_AUTH_LINK_STORE_H
#define FCGI_AUTH_LINK_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/auth/account_store.h"
#include "fcgi/auth/call.h"
#include "fcgi/auth/user_event.h"
#include "shared/base/err.h"
#include "shared/base/id.h"

#define LINK_VERIFY       "verify"
#define LINK_RESET        "reset"
#define LINK_VERIFY_TTL_S 86400
#define LINK_RESET_TTL_S  1800

struct new_link {
	const char *purpose;
	int64_t ttl_s;
	const struct id *user_id, *actor_id; /* the actor NULL: nobody who was signed in */
	const char *kept;                    /* of the token that is in the event */
	const char *action;                  /* for the audit */
	struct id audit_id;
	struct user_event event;
};

/* The link, its event and its audit row; nothing of that for who got five in half an hour: nobody
 * fills another's mailbox. */
MUST_USE enum err link_store_add(const struct call *call, const struct new_link *link);

/* The account whose password the link may reset.  ERR_TOKEN_SPENT: it is none, or no longer. */
MUST_USE enum err link_store_find_reset(
    const struct call *call, const char *kept, struct account_secret *out);

/* Takes a link: its address is verified, and its siblings are spent too.  ERR_TOKEN_SPENT. */
MUST_USE enum err link_store_verify(
    const struct call *call, const char *kept, const struct id *audit_id);

/* Notes that someone wants a link to reset the password of an account that may not exist. */
MUST_USE enum err link_store_request_reset(const struct call *call, const char *email_key);

struct reset_request {
	struct id id;
	const char *traceparent;
	struct client client;
	bool known; /* there is such an account, and it may sign in */
	struct user user;
};

/* The oldest request that nobody else is at; it is theirs until the transaction ends.
 * ERR_NOT_FOUND: none waits. */
MUST_USE enum err link_store_take_request(const struct call *call, struct reset_request *out);
MUST_USE enum err link_store_forget_request(const struct call *call, const struct id *id);

#endif

/*
 * auth/user_event: the events that auth tells the other services.
 *
 * Pure but for the ids.  Written by the stores into the outbox, in the transaction of what they
 * tell.
 */
#ifndef FCGI_AUTH_USER_EVENT_H
#define FCGI_AUTH_USER_EVENT_H

#include "fcgi/auth/call.h"
#include "fcgi/auth/user.h"
#include "shared/base/err.h"
#include "shared/base/id.h"

#define EVENT_USER_REGISTERED      "user.registered"
#define EVENT_USER_UPDATED         "user.updated"
#define EVENT_USER_DELETED         "user.deleted"
#define EVENT_VERIFICATION_REQUEST "user.email_verification_requested"
#define EVENT_RESET_REQUEST        "user.password_reset_requested"
#define EVENT_PASSWORD_CHANGED     "user.password_changed"
#define EVENT_SIGN_IN_SUSPICIOUS   "user.sign_in_suspicious"

struct user_event { /* a row of the outbox; texts live in the call's arena */
	struct id id;
	const char *type, *traceparent;
	const char *body;
};

/* What is told beside whom it is about; each may be NULL. */
struct user_event_detail {
	const char *token_name, *token; /* for the link in a mail */
	const struct client *client;    /* who did it, and with it when */
	const char *reason;
};

/* An event of TYPE about USER.  That an account was deleted names its id and nothing personal. */
MUST_USE enum err user_event_make(const struct call *call, const char *type,
    const struct user *user, const struct user_event_detail *detail, struct user_event *out);

#endif

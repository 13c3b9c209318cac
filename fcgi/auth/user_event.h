/*
 * auth/user_event: the events that auth tells the other services.
 */
#ifndef FCGI_AUTH_USER_EVENT_H
#define FCGI_AUTH_USER_EVENT_H

#include "fcgi/auth/user_store.h"
#include "shared/base/arena.h"
#include "shared/base/err.h"

#define EVENT_USER_REGISTERED "user.registered"

/* Fills NEW_USER's event: user.registered, with the token for the link in the welcome mail. */
MUST_USE enum err user_event_registered(struct arena *arena, const char *traceparent,
    int64_t now_ms, const char *verification_token, struct new_user *new_user);

#endif

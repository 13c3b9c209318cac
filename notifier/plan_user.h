/*
 * notifier/plan_user: what user.* events call for.
 *
 * Domain, pure; planners of plan.c's table.  Each tells the contact; ERR_MALFORMED without one.
 */
#ifndef NOTIFIER_PLAN_USER_H
#define NOTIFIER_PLAN_USER_H

#include "notifier/plan.h"

/* A link to confirm the address by, good for 24 hours. */
MUST_USE enum err plan_user_verification(
    struct arena *arena, const char *template, struct plan *plan);
/* A link to set a new password by, good for 30 minutes. */
MUST_USE enum err plan_user_reset(struct arena *arena, const char *template, struct plan *plan);
/* Somebody did something to the account: when, from where, by what program. */
MUST_USE enum err plan_user_access(struct arena *arena, const char *template, struct plan *plan);
/* No mail: what is known of them goes. */
MUST_USE enum err plan_user_deleted(struct arena *arena, const char *template, struct plan *plan);
/* No mail: every other event tells name, address and locale as of its time. */
MUST_USE enum err plan_user_known(struct arena *arena, const char *template, struct plan *plan);

#endif

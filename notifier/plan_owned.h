/*
 * notifier/plan_owned: what is told to the owner of an item or a webhook.
 *
 * Domain, pure; planners of plan.c's table.  ERR_MALFORMED: the data lack what they promise.
 */
#ifndef NOTIFIER_PLAN_OWNED_H
#define NOTIFIER_PLAN_OWNED_H

#include "notifier/plan.h"

MUST_USE enum err plan_owned_item(struct arena *arena, const char *template, struct plan *plan);
MUST_USE enum err plan_owned_webhook(struct arena *arena, const char *template, struct plan *plan);

#endif

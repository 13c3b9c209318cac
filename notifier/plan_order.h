/*
 * notifier/plan_order: what order.* events call for.
 *
 * Domain, pure; planners of plan.c's table.  ERR_MALFORMED: the data lack what they promise.
 */
#ifndef NOTIFIER_PLAN_ORDER_H
#define NOTIFIER_PLAN_ORDER_H

#include "notifier/plan.h"

/* A receipt for the buyer, and for each seller a mail about their own lines. */
MUST_USE enum err plan_order_created(struct arena *arena, const char *template, struct plan *plan);
/* A mail for the buyer about the lines that the step moved: all, unless the event names them. */
MUST_USE enum err plan_order_step(struct arena *arena, const char *template, struct plan *plan);

#endif

#include "notifier/plan.h"

#include <string.h>

#include "notifier/plan_order.h"
#include "notifier/plan_owned.h"
#include "notifier/plan_user.h"
#include "shared/base/macros.h"
#include "shared/base/str.h"

static const struct planner {
	const char *type; /* the whole type, or all that begin with it when it ends with '.' */
	enum err (*plan)(struct arena *arena, const char *template, struct plan *plan);
	const char *template;
} planners[] = {
    {"user.registered", plan_user_verification, "welcome"},
    {"user.email_verification_requested", plan_user_verification, "email_verification"},
    {"user.password_reset_requested", plan_user_reset, "password_reset"},
    {"user.password_changed", plan_user_access, "password_changed"},
    {"user.sign_in_suspicious", plan_user_access, "suspicious_sign_in"},
    {"user.deleted", plan_user_deleted, NULL},
    {"user.", plan_user_known, NULL},
    {"item.created", plan_owned_item, "item_listed"},
    {"item.low_stock", plan_owned_item, "low_stock"},
    {"order.created", plan_order_created, NULL},
    {"order.cancelled", plan_order_step, "cancelled"},
    {"order.shipped", plan_order_step, "shipped"},
    {"order.delivered", plan_order_step, "delivered"},
    {"order.refunded", plan_order_step, "refunded"},
    {"webhook.disabled", plan_owned_webhook, "webhook_disabled"},
};

static bool
is_for(const struct planner *planner, const char *type)
{
	size_t len = strlen(planner->type);

	return planner->type[len - 1] == '.' ? str_starts_with(type, planner->type)
					     : str_equal(type, planner->type);
}

enum err
plan_make(struct arena *arena, struct span body, struct plan *out)
{
	struct plan plan = {0};

	TRY(event_parse(arena, body, &plan.event));
	for (size_t i = 0; i < COUNT_OF(planners); i++) {
		if (!is_for(&planners[i], plan.event.head.type))
			continue;
		TRY(planners[i].plan(arena, planners[i].template, &plan));
		break;
	}
	*out = plan;
	return ERR_OK;
}

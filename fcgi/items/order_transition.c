#include "fcgi/items/order_transition.h"

#include <string.h>

#define FROM(status) (1u << (status))

static const struct rule {
	enum order_status to;
	unsigned from; /* FROM(…), or-ed */
	const char *event_type;
	const char *needs;
} rules[] = {
    [ORDER_CANCEL] = {ORDER_CANCELLED, FROM(ORDER_CONFIRMED), "order.cancelled",
	"An order can be cancelled while all of its lines are confirmed"},
    [ORDER_SHIP] = {ORDER_SHIPPED, FROM(ORDER_CONFIRMED), "order.shipped",
	"What is confirmed can be shipped"},
    [ORDER_DELIVER] = {ORDER_DELIVERED, FROM(ORDER_SHIPPED), "order.delivered",
	"What is shipped can be delivered"},
    [ORDER_REFUND] = {ORDER_REFUNDED,
	FROM(ORDER_CONFIRMED) | FROM(ORDER_SHIPPED) | FROM(ORDER_DELIVERED), "order.refunded",
	"What is confirmed, shipped or delivered can be refunded"},
};

static uint64_t
all_lines(const struct order *order)
{
	return (UINT64_C(1) << order->line_count) - 1;
}

/* The lines that are PRINCIPAL's to move. */
static enum err
find_own(const struct order *order, enum order_move move, const struct principal *principal,
    struct fault *fault, uint64_t *out)
{
	uint64_t own;

	if (move == ORDER_CANCEL)
		own = id_equal(&order->buyer_id, &principal->user_id) ? all_lines(order) : 0;
	else
		own = principal_is_admin(principal) ? all_lines(order)
						    : order_lines_of(order, &principal->user_id);
	if (own == 0) {
		(void)fault_set(fault, ERR_FORBIDDEN,
		    move == ORDER_CANCEL ? "Only its buyer may cancel an order."
					 : "Only its sellers may take this step.");
		return ERR_FORBIDDEN;
	}
	*out = own;
	return ERR_OK;
}

/* One of the lines that are in the way is told: there are some. */
static enum err
refuse_step(const struct order *order, const struct rule *rule, uint64_t stuck, struct fault *fault)
{
	size_t at = 0;

	while ((stuck >> at & 1) == 0)
		at++;
	return fault_set(fault, ERR_TRANSITION, "%s; this is %s.", rule->needs,
	    order_status_texts[order->lines[at].status]);
}

static uint64_t
ready_lines(const struct order *order, const struct rule *rule, uint64_t own)
{
	uint64_t ready = 0;

	for (size_t i = 0; i < order->line_count; i++)
		if ((own >> i & 1) != 0 && (rule->from & FROM(order->lines[i].status)) != 0)
			ready |= UINT64_C(1) << i;
	return ready;
}

static void
move_line(struct order_line *line, const struct order_wish *wish)
{
	if (wish->move == ORDER_CANCEL ||
	    (wish->move == ORDER_REFUND && (line->status == ORDER_CONFIRMED || wish->restock)))
		line->returned = true;
	if (wish->move == ORDER_SHIP)
		line->tracking = wish->tracking;
	line->status = rules[wish->move].to;
}

static enum err
move_lines(struct arena *arena, const struct order *order, const struct order_wish *wish,
    struct order_transition *transition)
{
	struct order_line *lines = arena_array(arena, order->line_count, sizeof(*lines));

	TRY_ALLOC(lines);
	memcpy(lines, order->lines, order->line_count * sizeof(*lines));
	for (size_t i = 0; i < order->line_count; i++) {
		if ((transition->lines >> i & 1) == 0)
			continue;
		move_line(&lines[i], wish);
		if (lines[i].returned)
			transition->returns |= UINT64_C(1) << i;
	}
	transition->order.lines = lines;
	return ERR_OK;
}

enum err
order_transition_make(struct arena *arena, const struct order *order, const struct order_wish *wish,
    const struct principal *principal, int64_t now_ms, struct fault *fault,
    struct order_transition *out)
{
	const struct rule *rule = &rules[wish->move];
	struct order_transition transition = {.order = *order, .event_type = rule->event_type};
	struct order *next = &transition.order;
	struct order view;
	uint64_t own;
	bool whole;

	TRY(order_view(arena, order, principal, &view, &whole));
	TRY(find_own(order, wish->move, principal, fault, &own));
	transition.lines = ready_lines(order, rule, own);
	if (transition.lines == 0 || (wish->move == ORDER_CANCEL && transition.lines != own))
		return refuse_step(order, rule, own & ~transition.lines, fault);
	TRY(move_lines(arena, order, wish, &transition));
	TRY(order_step_add(arena, next, rule->to, now_ms, &principal->user_id));
	if (transition.lines != all_lines(order))
		next->history[next->history_count - 1].lines = transition.lines;
	next->status = order_status_of_lines(next->lines, next->line_count);
	next->version++;
	*out = transition;
	return ERR_OK;
}

bool
order_transition_is_in(const struct order_transition *transition, const struct order *order)
{
	const size_t at = transition->order.history_count - 1;
	const struct order_step *mine = &transition->order.history[at];
	const struct order_step *step = &order->history[at];

	return order->history_count > at && step->status == mine->status &&
	    step->at_ms == mine->at_ms && step->lines == mine->lines && step->has_by &&
	    id_equal(&step->by, &mine->by);
}

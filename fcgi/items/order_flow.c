#include "fcgi/items/order_flow.h"

#include <time.h>

#include "fcgi/items/order_wire.h"
#include "fcgi/items/pending_event.h"
#include "fcgi/items/return_flow.h"
#include "shared/base/buf.h"
#include "shared/base/crash.h"
#include "shared/base/log.h"

#define EVENT_MAX_BYTES ((size_t)1 << 20)
#define RETRY_PAUSE_MS  50

/* The event's body lives in BUF. */
static enum err
make_event(const struct call *call, const struct order_transition *transition, struct buf *buf,
    struct pending_event *out)
{
	const struct event_head head =
	    pending_event_head(call, transition->event_type, &transition->order.id);

	buf_reset(buf);
	order_write_step_event(buf, &head, &transition->order, transition->lines);
	return pending_event_of(&head, buf, out);
}

static void
list_returns(const struct order_transition *transition, struct due_return *out)
{
	const struct order *order = &transition->order;

	out->order_id = order->id;
	out->buyer_id = order->buyer_id;
	out->count = 0;
	for (size_t i = 0; i < order->line_count; i++) {
		if ((transition->returns >> i & 1) == 0)
			continue;
		out->items[out->count] = order->lines[i].item_id;
		out->quantities[out->count++] = order->lines[i].quantity;
	}
}

/* The transition of the order as it is now; *done when UNHEARD, an earlier try of it of which
 * nothing was heard, took effect. */
static enum err
look(struct shop *shop, const struct call *call, const struct id *id, const struct order_wish *wish,
    bool unheard, struct order_transition *transition, bool *done)
{
	struct order order;

	TRY(order_store_get(&shop->orders, call->deadline, call->arena, id, &order));
	*done = unheard && order_transition_is_in(transition, &order);
	if (*done)
		return ERR_OK;
	return order_transition_make(
	    call->arena, &order, wish, call->principal, call->now_ms, call->fault, transition);
}

/* Until the step is taken, by this write or by one before whose answer was lost. */
static enum err
take_step(struct shop *shop, const struct call *call, const struct id *id,
    const struct order_wish *wish, struct order_transition *transition, struct due_return *returns)
{
	const struct timespec pause = {0, RETRY_PAUSE_MS * 1000000L};
	auto_buf struct buf buf;
	bool unheard = false;
	bool done = false;

	buf_init(&buf, EVENT_MAX_BYTES);
	while (!done) { /* ends by the deadline, which every look at the store has */
		struct pending_event event;
		enum err err;

		TRY(look(shop, call, id, wish, unheard, transition, &done));
		if (done)
			break;
		list_returns(transition, returns);
		TRY(make_event(call, transition, &buf, &event));
		err = order_store_move(
		    &shop->orders, call->deadline, &transition->order, returns, &event, &done);
		unheard = err == ERR_UNAVAILABLE;
		if (!unheard)
			TRY(err);
		else
			(void)nanosleep(&pause, NULL);
	}
	return ERR_OK;
}

enum err
order_flow_move(struct shop *shop, const struct call *call, const struct id *id,
    const struct order_wish *wish, struct order *out)
{
	struct order_transition transition;
	struct due_return returns;
	enum err err;

	TRY(take_step(shop, call, id, wish, &transition, &returns));
	CRASH_AT("order.moved");
	shop_wake_relay(shop);
	if (returns.count > 0) {
		err = return_flow_give(shop, call->deadline, &returns, call->now_ms);
		if (err != ERR_OK)
			log_warn("stock that is due back is left to the sweeper", LOG_ERR(err),
			    LOG_TEXT("order_id", returns.order_id.text));
	}
	*out = transition.order;
	return ERR_OK;
}

#include "fcgi/items/settle_flow.h"

#include "fcgi/items/item_change.h"
#include "shared/base/buf.h"
#include "shared/base/crash.h"
#include "shared/base/trace.h"

#define EVENT_MAX_BYTES ((size_t)2 << 20)

/* One try at the item as it is now. */
static enum err
settle_seen(struct shop *shop, const struct call *call, const struct sold *sold, bool *settled)
{
	struct call of_sale = *call;
	struct pending_event event;
	struct standing standing;
	auto_buf struct buf body;
	struct trace trace;
	struct item item;
	struct item next;

	buf_init(&body, EVENT_MAX_BYTES);
	TRY(reservation_look(&shop->items, call->deadline, call->arena, sold, &item, &standing));
	if (standing.quantity == 0) {
		*settled = true;
		return ERR_OK;
	}
	next = item;
	next.reserved -= standing.quantity;
	if (item.status != ITEM_ACTIVE || !item_crosses_low_stock(&item, &next, shop->low_stock))
		return reservation_settle_seen(
		    &shop->items, call->deadline, sold, &item, NULL, settled);
	next.version++;
	trace_continue(standing.traceparent, &trace);
	of_sale.traceparent = trace.traceparent;
	TRY(item_change_event(&of_sale, "item.low_stock", &next, &body, &event));
	CRASH_AT("settle.low");
	TRY(reservation_settle_seen(&shop->items, call->deadline, sold, &next, &event, settled));
	if (*settled)
		shop_wake_relay(shop);
	return ERR_OK;
}

enum err
settle_sold(struct shop *shop, const struct deadline *deadline, struct arena *arena, int64_t now_ms,
    const struct sold *sold)
{
	const struct call call = {.arena = arena, .deadline = deadline, .now_ms = now_ms};
	bool settled;

	TRY(reservation_settle(&shop->items, deadline, sold, shop->low_stock, &settled));
	while (!settled) { /* ends by the deadline */
		enum err err = settle_seen(shop, &call, sold, &settled);

		if (err == ERR_NOT_FOUND)
			return ERR_OK;
		TRY(err);
	}
	return ERR_OK;
}

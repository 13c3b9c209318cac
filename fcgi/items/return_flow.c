#include "fcgi/items/return_flow.h"

#include "fcgi/items/return_store.h"
#include "shared/base/crash.h"
#include "shared/base/log.h"

#define SWEEP_MAX 100 /* of a kind, at once */

enum err
return_flow_give(struct shop *shop, const struct deadline *deadline,
    const struct due_return *returns, int64_t now_ms)
{
	for (size_t i = 0; i < returns->count; i++) {
		const struct stock_return stock = {
		    .item_id = returns->items[i],
		    .order_id = returns->order_id,
		    .buyer_id = returns->buyer_id,
		    .quantity = returns->quantities[i],
		};

		TRY(return_give(&shop->items, deadline, &stock, now_ms));
		CRASH_AT("return.given");
	}
	TRY(order_store_forget_returns(&shop->orders, deadline, returns));
	CRASH_AT("return.forgotten");
	return ERR_OK;
}

struct walk {
	struct shop *shop;
	const struct deadline *deadline;
	int64_t now_ms;
	int64_t *count;
};

static enum err
give_overdue(void *context, const struct due_return *returns)
{
	const struct walk *walk = context;

	TRY(return_flow_give(walk->shop, walk->deadline, returns, walk->now_ms));
	*walk->count += (int64_t)returns->count;
	log_info("stock was given back that an order left behind",
	    LOG_TEXT("order_id", returns->order_id.text));
	return ERR_OK;
}

enum err
return_flow_sweep(
    struct shop *shop, const struct deadline *deadline, int64_t now_ms, int64_t *count)
{
	struct walk walk = {
	    .shop = shop,
	    .deadline = deadline,
	    .now_ms = now_ms,
	    .count = count,
	};

	return order_store_each_return(&shop->orders, deadline, now_ms - shop->reservation_ttl_ms,
	    SWEEP_MAX, give_overdue, &walk);
}

enum err
return_flow_sweep_markers(struct shop *shop, const struct deadline *deadline, int64_t now_ms)
{
	struct stock_return markers[SWEEP_MAX];
	size_t count;

	TRY(return_list_markers(
	    &shop->items, deadline, now_ms - RETURN_MARKER_KEPT_MS, markers, SWEEP_MAX, &count));
	for (size_t i = 0; i < count; i++) {
		const struct stock_return *marker = &markers[i];
		bool due;

		TRY(order_store_is_return_due(&shop->orders, deadline, &marker->buyer_id,
		    &marker->order_id, &marker->item_id, &due));
		if (!due)
			TRY(return_remove_marker(&shop->items, deadline, marker));
	}
	return ERR_OK;
}

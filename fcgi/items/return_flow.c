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

/* Keeps, of COUNT markers, those whose order has forgotten the line. */
static enum err
keep_idle(
    struct shop *shop, const struct deadline *deadline, struct stock_return *markers, size_t *count)
{
	size_t idle = 0;

	for (size_t i = 0; i < *count; i++) {
		bool due;

		TRY(order_store_is_return_due(&shop->orders, deadline, &markers[i].buyer_id,
		    &markers[i].order_id, &markers[i].item_id, &due));
		if (!due)
			markers[idle++] = markers[i];
	}
	*count = idle;
	return ERR_OK;
}

/* They stand together by item. */
static enum err
remove_markers(struct shop *shop, const struct deadline *deadline,
    const struct stock_return *markers, size_t count)
{
	for (size_t first = 0; first < count;) {
		size_t same = 1;

		while (first + same < count &&
		    id_equal(&markers[first + same].item_id, &markers[first].item_id))
			same++;
		TRY(return_remove_markers(&shop->items, deadline, &markers[first], same));
		first += same;
	}
	return ERR_OK;
}

enum err
return_flow_sweep_markers(struct shop *shop, const struct deadline *deadline, int64_t now_ms)
{
	struct stock_return markers[SWEEP_MAX];
	size_t found;
	size_t idle;

	do {
		TRY(return_list_markers(&shop->items, deadline, now_ms - RETURN_MARKER_KEPT_MS,
		    markers, SWEEP_MAX, &found));
		idle = found;
		TRY(keep_idle(shop, deadline, markers, &idle));
		TRY(remove_markers(shop, deadline, markers, idle));
	} while (found == SWEEP_MAX && idle > 0);
	return ERR_OK;
}

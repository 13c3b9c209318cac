#include "fcgi/items/sweep_flow.h"

#include "fcgi/items/item_answers.h"
#include "fcgi/items/settle_flow.h"
#include "shared/base/crash.h"
#include "shared/base/log.h"
#include "shared/edge/idempotency.h"

#define SWEEP_MAX 100 /* of a kind, at once */

struct walk {
	struct shop *shop;
	const struct deadline *deadline;
	struct arena *arena;
	int64_t now_ms;
	struct sweep_counts *counts;
};

static enum err
release_lines(struct walk *walk, const struct order *order, const struct id *hold_id)
{
	for (size_t i = 0; i < order->line_count; i++) {
		const struct reservation reservation = {
		    .item_id = order->lines[i].item_id,
		    .order_id = order->id,
		    .hold_id = *hold_id,
		    .buyer_id = order->buyer_id,
		    .quantity = order->lines[i].quantity,
		};

		TRY(reservation_release(
		    &walk->shop->items, walk->deadline, &reservation, walk->now_ms));
	}
	return ERR_OK;
}

static enum err
fail_expired(void *context, const struct order *order, const struct id *hold_id)
{
	struct walk *walk = context;
	struct order failing = *order;
	const struct order_attempt attempt = {.order = &failing, .hold_id = *hold_id};
	bool failed;

	for (size_t i = 0; i < failing.line_count; i++)
		failing.lines[i].status = ORDER_FAILED;
	failing.version++;
	TRY(order_step_add(walk->arena, &failing, ORDER_FAILED, walk->now_ms, NULL));
	TRY(order_store_fail(&walk->shop->orders, walk->deadline, &attempt, NULL, &failed));
	if (!failed)
		return ERR_OK; /* confirmed just now, or swept by another pod */
	CRASH_AT("sweep.failed");
	TRY(release_lines(walk, order, hold_id));
	CRASH_AT("sweep.released");
	walk->counts->orders_failed++;
	log_info("an expired order was failed", LOG_TEXT("order_id", order->id.text));
	return ERR_OK;
}

enum err
sweep_orders(struct shop *shop, const struct deadline *deadline, struct arena *arena,
    int64_t now_ms, struct sweep_counts *counts)
{
	struct walk walk = {
	    .shop = shop,
	    .deadline = deadline,
	    .arena = arena,
	    .now_ms = now_ms,
	    .counts = counts,
	};

	return order_store_each_expired(
	    &shop->orders, deadline, arena, now_ms, SWEEP_MAX, fail_expired, &walk);
}

static enum err
sweep_reservation(struct shop *shop, const struct deadline *deadline, struct arena *arena,
    const struct reservation *reservation, int64_t now_ms, struct sweep_counts *counts)
{
	const struct sold sold = {&reservation->item_id, &reservation->hold_id, 1};
	struct order_state state;
	enum err err = order_store_state(
	    &shop->orders, deadline, &reservation->buyer_id, &reservation->order_id, &state);
	bool same_hold;

	/*
	 * The order was written before its reservation, and to a majority: not to find it means
	 * that it was removed.  A former primary that has not heard of it yet has stepped down long
	 * before a reservation is this old.
	 */
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	same_hold = err == ERR_OK && id_equal(&state.hold_id, &reservation->hold_id);
	if (same_hold && state.status == ORDER_PENDING)
		return ERR_OK;
	if (same_hold && order_was_confirmed(state.status)) {
		TRY(settle_sold(shop, deadline, arena, now_ms, &sold));
		counts->reservations_settled++;
		return ERR_OK;
	}
	TRY(reservation_release(&shop->items, deadline, reservation, now_ms));
	CRASH_AT("sweep.freed");
	counts->reservations_freed++;
	log_info("a stale reservation was released",
	    LOG_TEXT("order_id", reservation->order_id.text),
	    LOG_TEXT("item_id", reservation->item_id.text));
	return ERR_OK;
}

enum err
sweep_reservations(struct shop *shop, const struct deadline *deadline, struct arena *arena,
    int64_t now_ms, struct sweep_counts *counts)
{
	struct reservation stale[SWEEP_MAX];
	size_t count;

	TRY(reservation_list_stale(
	    &shop->items, deadline, now_ms - shop->reservation_ttl_ms, stale, SWEEP_MAX, &count));
	for (size_t i = 0; i < count; i++)
		TRY(sweep_reservation(shop, deadline, arena, &stale[i], now_ms, counts));
	return ERR_OK;
}

enum err
sweep_claims(struct shop *shop, const struct deadline *deadline, int64_t now_ms)
{
	int64_t before_ms = now_ms - IDEMPOTENCY_KEPT_MS;

	TRY(order_store_drop_claims(&shop->orders, deadline, before_ms));
	/* As long as there is a claim, its item has the answer. */
	TRY(claim_store_drop(&shop->claims, deadline, before_ms));
	return item_answers_drop(&shop->items, deadline, before_ms);
}

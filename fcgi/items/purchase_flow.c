#include "fcgi/items/purchase_flow.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fcgi/items/order_wire.h"
#include "fcgi/items/pending_event.h"
#include "fcgi/items/purchase_claim.h"
#include "fcgi/items/reservation_store.h"
#include "shared/base/buf.h"
#include "shared/base/crash.h"
#include "shared/base/log.h"

#define EVENT_MAX_BYTES  ((size_t)1 << 20)
#define CONFIRM_PAUSE_MS 50

struct purchase {
	struct shop *shop;
	const struct call *call;
	const struct order_draft *draft;
	const struct purchase_answers *answers;
	struct order_attempt attempt;
	bool held[ORDER_LINES_MAX]; /* by line: its stock is reserved, or may be */
};

static struct reservation
reservation_of(const struct purchase *purchase, size_t line)
{
	const struct order *order = purchase->attempt.order;

	return (struct reservation){
	    .item_id = order->lines[line].item_id,
	    .order_id = order->id,
	    .hold_id = purchase->attempt.hold_id,
	    .buyer_id = order->buyer_id,
	    .quantity = order->lines[line].quantity,
	    .at_ms = purchase->call->now_ms,
	    .traceparent = purchase->call->traceparent,
	};
}

/* The lines by item id: two orders that want the same items meet at the first of them. */
static void
sort_lines(const struct order *order, size_t by_item[ORDER_LINES_MAX])
{
	for (size_t i = 0; i < order->line_count; i++) {
		size_t at = i;

		for (; at > 0 &&
		     strcmp(order->lines[by_item[at - 1]].item_id.text,
			 order->lines[i].item_id.text) > 0;
		     at--)
			by_item[at] = by_item[at - 1];
		by_item[at] = i;
	}
}

static enum err
reserve_line(struct purchase *purchase, size_t at)
{
	const struct order_draft_line *wish = &purchase->draft->lines[at];
	const struct reservation reservation = reservation_of(purchase, at);
	struct order_line *line = &purchase->attempt.order->lines[at];
	struct reserved reserved;
	enum err err;

	err = reservation_take(&purchase->shop->items, purchase->call->deadline,
	    purchase->call->arena, &reservation, wish->has_expected ? &wish->expected_price : NULL,
	    purchase->call->fault, &reserved);
	purchase->held[at] = err != ERR_NOT_FOUND && err != ERR_STOCK && err != ERR_PRICE_CHANGED;
	TRY(err);
	line->priced = true;
	line->seller_id = reserved.seller_id;
	line->name = reserved.name;
	line->unit_price = reserved.price;
	return ERR_OK;
}

static enum err
reserve_lines(struct purchase *purchase)
{
	struct order *order = purchase->attempt.order;
	size_t by_item[ORDER_LINES_MAX];

	sort_lines(order, by_item);
	for (size_t i = 0; i < order->line_count; i++) {
		TRY(reserve_line(purchase, by_item[i]));
		if (i + 1 < order->line_count)
			CRASH_AT("purchase.reserving");
	}
	return order_total(order, purchase->draft, purchase->call->fault);
}

/* What can't be released now, the sweeper releases. */
static void
release_lines(struct purchase *purchase)
{
	for (size_t i = 0; i < purchase->attempt.order->line_count; i++) {
		const struct reservation reservation = reservation_of(purchase, i);
		enum err err;

		if (!purchase->held[i])
			continue;
		err = reservation_release(&purchase->shop->items, purchase->call->deadline,
		    &reservation, purchase->call->now_ms);
		if (err != ERR_OK)
			log_warn("a reservation is left to the sweeper", LOG_ERR(err),
			    LOG_TEXT("order_id", reservation.order_id.text),
			    LOG_TEXT("item_id", reservation.item_id.text));
	}
}

/* The order and its lines in STATUS, one version on. */
static enum err
advance(struct purchase *purchase, enum order_status status)
{
	struct order *order = purchase->attempt.order;

	for (size_t i = 0; i < order->line_count; i++)
		order->lines[i].status = status;
	order->version++;
	return order_step_add(purchase->call->arena, order, status, purchase->call->now_ms,
	    &purchase->call->principal->user_id);
}

/* Lines whose total could not be told keep none: a failed order shows what is known. */
static void
forget_prices(struct order *order)
{
	for (size_t i = 0; i < order->line_count; i++)
		order->lines[i].priced = false;
	order->has_total = false;
}

/* The order ends failed; what the client is told is kept under its key. */
static enum err
fail_order(struct purchase *purchase, enum err refusal)
{
	const struct order_attempt *attempt = &purchase->attempt;
	bool keep = attempt->idempotency != NULL;
	struct kept_answer answer;
	bool failed;
	enum err err;

	forget_prices(attempt->order);
	if (keep)
		TRY(purchase->answers->refused(purchase->answers->context, refusal, &answer));
	TRY(advance(purchase, ORDER_FAILED));
	err = order_store_fail(&purchase->shop->orders, purchase->call->deadline, attempt,
	    keep ? &answer : NULL, &failed);
	CRASH_AT("purchase.failed");
	if (err == ERR_OK && failed)
		return refusal;
	/* A refusal that is not kept might be another when the request is repeated. */
	return keep ? ERR_UNAVAILABLE : refusal;
}

/* The order was no order: it goes, and its key with it. */
static enum err
remove_order(struct purchase *purchase, enum err refusal)
{
	bool removed;
	enum err err = order_store_remove(
	    &purchase->shop->orders, purchase->call->deadline, &purchase->attempt, &removed);

	CRASH_AT("purchase.removed");
	if (err != ERR_OK)
		log_warn("a refused order is left to the sweeper", LOG_ERR(err),
		    LOG_TEXT("order_id", purchase->attempt.order->id.text));
	return refusal;
}

/*
 * This attempt can't go on: the order ends failed without an answer, so that its key may try again,
 * and then its stock is given back.  Should it be confirmed after all, as the confirmation's answer
 * was lost, then it does not match, and stays sold.  With the store away it is left to the sweeper.
 */
static enum err
abandon(struct purchase *purchase, enum err cause)
{
	enum err err;
	bool failed = false;

	forget_prices(purchase->attempt.order);
	TRY(advance(purchase, ORDER_FAILED));
	err = order_store_fail(
	    &purchase->shop->orders, purchase->call->deadline, &purchase->attempt, NULL, &failed);
	if (err == ERR_OK && failed)
		release_lines(purchase);
	log_warn("a purchase was abandoned", LOG_ERR(cause),
	    LOG_TEXT("order_id", purchase->attempt.order->id.text), LOG_BOOL("failed", failed));
	return cause;
}

static enum err
refuse(struct purchase *purchase, enum err refusal)
{
	switch (refusal) {
	case ERR_STOCK:
	case ERR_PRICE_CHANGED:
		release_lines(purchase);
		CRASH_AT("purchase.released");
		return fail_order(purchase, refusal);
	case ERR_NOT_FOUND:
	case ERR_VALIDATION:
		release_lines(purchase);
		CRASH_AT("purchase.released");
		return remove_order(purchase, refusal);
	default:
		return abandon(purchase, refusal);
	}
}

/* order.created, whose body is the order as its buyer sees it. */
static enum err
make_event(const struct purchase *purchase, struct buf *buf, struct pending_event *out)
{
	const struct order *order = purchase->attempt.order;
	const struct event_head head =
	    pending_event_head(purchase->call, "order.created", &order->id);

	order_write_event(buf, &head, order);
	return pending_event_of(&head, buf, out);
}

/* Did an earlier try of this confirmation take effect?  ERR_UNAVAILABLE: the sweeper was first. */
static enum err
check_confirmed(struct purchase *purchase)
{
	const struct order *order = purchase->attempt.order;
	struct order_state state;

	TRY(order_store_state(&purchase->shop->orders, purchase->call->deadline, &order->buyer_id,
	    &order->id, &state));
	if (order_was_confirmed(state.status) &&
	    id_equal(&state.hold_id, &purchase->attempt.hold_id))
		return ERR_OK;
	return ERR_UNAVAILABLE;
}

/* Writes the confirmation, again while it is not known whether it was written: the same write twice
 * changes nothing.  An order that can't be confirmed in time is the sweeper's. */
static enum err
write_confirmation(
    struct purchase *purchase, const struct kept_answer *answer, const struct pending_event *event)
{
	const struct timespec pause = {0, CONFIRM_PAUSE_MS * 1000000L};

	for (;;) {
		bool confirmed;
		enum err err = order_store_confirm(&purchase->shop->orders,
		    purchase->call->deadline, &purchase->attempt, answer, event, &confirmed);

		if (err == ERR_OK)
			return confirmed ? ERR_OK : check_confirmed(purchase);
		if (err != ERR_UNAVAILABLE)
			return err;
		(void)nanosleep(&pause, NULL);
	}
}

static void
hand_over(const struct purchase *purchase)
{
	const struct order *order = purchase->attempt.order;

	for (size_t i = 0; i < order->line_count; i++) {
		struct sold_hold hold = {
		    .item_id = order->lines[i].item_id,
		    .hold_id = purchase->attempt.hold_id,
		};

		settle_queue_put(purchase->shop->sold, &hold);
	}
	shop_wake_relay(purchase->shop);
}

static enum err
confirm(struct purchase *purchase, struct purchase_result *out)
{
	auto_buf struct buf buf;
	struct pending_event event;
	struct kept_answer answer;

	buf_init(&buf, EVENT_MAX_BYTES);
	TRY(advance(purchase, ORDER_CONFIRMED));
	TRY(purchase->answers->confirmed(
	    purchase->answers->context, purchase->attempt.order, &answer));
	TRY(make_event(purchase, &buf, &event));
	TRY(write_confirmation(
	    purchase, purchase->attempt.idempotency != NULL ? &answer : NULL, &event));
	CRASH_AT("purchase.confirmed");
	hand_over(purchase);
	*out = (struct purchase_result){.answer = answer};
	return ERR_OK;
}

enum err
purchase_place(struct shop *shop, const struct call *call, const struct order_draft *draft,
    const struct purchase_answers *answers, struct purchase_result *out)
{
	struct purchase purchase = {
	    .shop = shop,
	    .call = call,
	    .draft = draft,
	    .answers = answers,
	};
	enum err err;

	TRY(purchase_claim(shop, call, draft, &purchase.attempt, out));
	if (out->replayed)
		return ERR_OK;
	CRASH_AT("purchase.claimed");
	err = reserve_lines(&purchase);
	if (err != ERR_OK)
		return refuse(&purchase, err);
	CRASH_AT("purchase.reserved");
	err = confirm(&purchase, out);
	return err == ERR_OK ? ERR_OK : abandon(&purchase, err);
}

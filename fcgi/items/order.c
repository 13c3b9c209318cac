#include "fcgi/items/order.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/check.h"
#include "shared/base/str.h"

const char *const order_status_texts[] = {
    [ORDER_PENDING] = "pending",
    [ORDER_FAILED] = "failed",
    [ORDER_CONFIRMED] = "confirmed",
    [ORDER_SHIPPED] = "shipped",
    [ORDER_DELIVERED] = "delivered",
    [ORDER_CANCELLED] = "cancelled",
    [ORDER_REFUNDED] = "refunded",
    NULL,
};

enum err
order_status_parse(const char *text, enum order_status *out)
{
	for (int i = 0; order_status_texts[i] != NULL; i++)
		if (str_equal(text, order_status_texts[i])) {
			*out = (enum order_status)i;
			return ERR_OK;
		}
	return ERR_CORRUPT;
}

static enum err
line_fault(struct fault *fault, const struct order_draft *draft, const struct order_line *line,
    const char *member, enum field_code code, const char *detail)
{
	char pointer[64] = "";

	for (size_t i = 0; i < draft->line_count; i++)
		if (id_equal(&draft->lines[i].item_id, &line->item_id))
			(void)snprintf(
			    pointer, sizeof(pointer), "%s%s", draft->lines[i].pointer, member);
	return fault_field(fault, FIELD_IN_BODY, pointer, code, "%s", detail);
}

/* Every line in another currency than the first one's is at fault. */
static enum err
check_currencies(const struct order *order, const struct order_draft *draft, struct fault *fault)
{
	const struct order_line *lines = order->lines;
	enum err err = ERR_OK;

	for (size_t i = 1; i < order->line_count; i++)
		if (!str_equal(lines[i].unit_price.currency, lines[0].unit_price.currency))
			err = line_fault(fault, draft, &lines[i], "/item_id", FIELD_NOT_ALLOWED,
			    "an order has one currency");
	return err;
}

enum err
order_total(struct order *order, const struct order_draft *draft, struct fault *fault)
{
	struct money sum;

	check(order->line_count > 0);
	for (size_t i = 0; i < order->line_count; i++)
		check(order->lines[i].priced);
	TRY(check_currencies(order, draft, fault));
	for (size_t i = 0; i < order->line_count; i++) {
		struct order_line *line = &order->lines[i];

		if (money_times(&line->unit_price, line->quantity, &line->total) != ERR_OK)
			return line_fault(fault, draft, line, "/quantity", FIELD_OUT_OF_RANGE,
			    "the total is over the bound");
		if (i == 0)
			sum = line->total;
		else if (money_add(&sum, &line->total, &sum) != ERR_OK)
			return line_fault(fault, draft, line, "/quantity", FIELD_OUT_OF_RANGE,
			    "the order's total is over the bound");
	}
	order->total = sum;
	order->has_total = true;
	return ERR_OK;
}

enum order_status
order_status_of_lines(const struct order_line *lines, size_t count)
{
	enum order_status least = ORDER_CANCELLED;
	bool all_cancelled = true;

	for (size_t i = 0; i < count; i++) {
		if (lines[i].status < least)
			least = lines[i].status;
		all_cancelled = all_cancelled && lines[i].status == ORDER_CANCELLED;
	}
	if (least < ORDER_CANCELLED)
		return least;
	return all_cancelled ? ORDER_CANCELLED : ORDER_REFUNDED;
}

bool
order_was_confirmed(enum order_status status)
{
	return status != ORDER_PENDING && status != ORDER_FAILED;
}

enum err
order_step_add(struct arena *arena, struct order *order, enum order_status status, int64_t at_ms,
    const struct id *by)
{
	struct order_step *history = arena_array(arena, order->history_count + 1, sizeof(*history));

	TRY_ALLOC(history);
	if (order->history_count > 0)
		memcpy(history, order->history, order->history_count * sizeof(*history));
	history[order->history_count] = (struct order_step){
	    .status = status,
	    .at_ms = at_ms,
	    .has_by = by != NULL,
	};
	if (by != NULL)
		history[order->history_count].by = *by;
	order->history = history;
	order->history_count++;
	order->status = status;
	order->updated_at_ms = at_ms > order->updated_at_ms ? at_ms : order->updated_at_ms;
	return ERR_OK;
}

uint64_t
order_lines_of(const struct order *order, const struct id *seller)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < order->line_count; i++)
		if (order->lines[i].priced && id_equal(&order->lines[i].seller_id, seller))
			lines |= UINT64_C(1) << i;
	return lines;
}

/* LINES alone, with their total and the status that follows from them. */
static enum err
cut_lines(struct arena *arena, const struct order *order, uint64_t lines, struct order *view)
{
	view->lines = arena_array(arena, order->line_count, sizeof(*view->lines));
	TRY_ALLOC(view->lines);
	view->line_count = 0;
	for (size_t i = 0; i < order->line_count; i++) {
		const struct order_line *line = &order->lines[i];

		if ((lines >> i & 1) == 0)
			continue;
		if (view->line_count == 0)
			view->total = line->total;
		else
			TRY(money_add(&view->total, &line->total, &view->total));
		view->lines[view->line_count++] = *line;
	}
	view->status = order_status_of_lines(view->lines, view->line_count);
	return ERR_OK;
}

/* The steps that moved some of LINES. */
static enum err
cut_history(struct arena *arena, const struct order *order, uint64_t lines, struct order *view)
{
	view->history = arena_array(arena, order->history_count, sizeof(*view->history));
	TRY_ALLOC(view->history);
	view->history_count = 0;
	for (size_t i = 0; i < order->history_count; i++) {
		const struct order_step *step = &order->history[i];

		if (step->lines == 0 || (step->lines & lines) != 0)
			view->history[view->history_count++] = *step;
	}
	return ERR_OK;
}

enum err
order_view_of_seller(
    struct arena *arena, const struct order *order, const struct id *seller, struct order *out)
{
	const uint64_t lines = order_lines_of(order, seller);
	struct order view = *order;

	if (lines == 0 || !order_was_confirmed(order->status))
		return ERR_NOT_FOUND;
	TRY(cut_lines(arena, order, lines, &view));
	TRY(cut_history(arena, order, lines, &view));
	*out = view;
	return ERR_OK;
}

enum err
order_view(struct arena *arena, const struct order *order, const struct principal *principal,
    struct order *out, bool *whole)
{
	if (id_equal(&order->buyer_id, &principal->user_id) || principal_is_admin(principal)) {
		*out = *order;
		*whole = true;
		return ERR_OK;
	}
	TRY(order_view_of_seller(arena, order, &principal->user_id, out));
	*whole = false;
	return ERR_OK;
}

void
order_etag(const struct order *order, bool whole, char out[ORDER_ETAG_SIZE])
{
	(void)snprintf(
	    out, ORDER_ETAG_SIZE, "\"%" PRId64 "%s\"", order->version, whole ? "" : "-seller");
}

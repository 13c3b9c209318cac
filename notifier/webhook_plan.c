#include "notifier/webhook_plan.h"

#include <string.h>

#include "shared/base/macros.h"
#include "shared/base/money.h"
#include "shared/base/str.h"

/* --- an order ------------------------------------------------------------------------------- */

struct line {
	const struct cJSON *json;
	struct id seller;
	const char *item;
	const char *status;
	struct money total;
	bool moved; /* by the step that the event tells of */
};

struct order {
	const struct cJSON *json;
	struct id buyer;
	struct line *lines;
	size_t line_count;
	bool names_moved; /* some steps move some lines; the others are of the whole order */
};

static bool
contains_text(const struct cJSON *array, const char *text)
{
	for (const struct cJSON *at = json_first(array); at != NULL; at = json_next(at)) {
		const char *each = json_value_text(at);

		if (each != NULL && str_equal(each, text))
			return true;
	}
	return false;
}

static enum err
read_line(const struct cJSON *json, const struct cJSON *moved, struct line *out)
{
	struct line line = {.json = json};

	TRY(json_get_id(json, "seller_id", &line.seller));
	TRY(json_get_money(json, "total", &line.total));
	line.item = json_get_text(json, "item_id");
	line.status = json_get_text(json, "status");
	if (line.item == NULL || line.status == NULL)
		return ERR_MALFORMED;
	line.moved = moved == NULL || contains_text(moved, line.item);
	*out = line;
	return ERR_OK;
}

static enum err
read_order(struct arena *arena, const struct cJSON *data, struct order *out)
{
	struct order order = {.json = json_get_object(data, "order")};
	const struct cJSON *lines = json_get_array(order.json, "lines");
	const struct cJSON *moved = json_get_array(data, "lines");

	TRY(json_get_id(order.json, "buyer_id", &order.buyer));
	if (json_array_size(lines) == 0)
		return ERR_MALFORMED;
	order.names_moved = moved != NULL;
	order.lines = arena_array(arena, json_array_size(lines), sizeof(*order.lines));
	TRY_ALLOC(order.lines);
	for (const struct cJSON *at = json_first(lines); at != NULL; at = json_next(at))
		TRY(read_line(at, moved, &order.lines[order.line_count++]));
	*out = order;
	return ERR_OK;
}

/* --- a seller's copy ------------------------------------------------------------------------- */

/* As an order's follows from all its lines: the least advanced of those that did not go back. */
static const char *
status_for(const struct order *order, const struct id *seller)
{
	static const char *const advanced[] = {"confirmed", "shipped", "delivered", NULL};
	size_t least = COUNT_OF(advanced) - 1;
	bool all_cancelled = true;

	for (size_t i = 0; i < order->line_count; i++) {
		const struct line *line = &order->lines[i];

		if (!id_equal(&line->seller, seller))
			continue;
		all_cancelled = all_cancelled && str_equal(line->status, "cancelled");
		for (size_t rank = 0; rank < least; rank++)
			if (str_equal(line->status, advanced[rank]))
				least = rank;
	}
	if (advanced[least] != NULL)
		return advanced[least];
	return all_cancelled ? "cancelled" : "refunded";
}

static enum err
total_for(const struct order *order, const struct id *seller, struct money *out)
{
	struct money sum = {0};

	for (size_t i = 0; i < order->line_count; i++) {
		const struct line *line = &order->lines[i];

		if (!id_equal(&line->seller, seller))
			continue;
		if (sum.currency[0] == '\0')
			sum = line->total;
		else if (money_add(&sum, &line->total, &sum) != ERR_OK)
			return ERR_MALFORMED;
	}
	*out = sum;
	return ERR_OK;
}

static void
put_lines(struct json_writer *w, const struct order *order, const struct id *seller)
{
	json_array_open(w, "lines");
	for (size_t i = 0; i < order->line_count; i++)
		if (id_equal(&order->lines[i].seller, seller))
			json_put_value(w, NULL, order->lines[i].json);
	json_array_close(w);
}

static void
put_moved(struct json_writer *w, const struct order *order, const struct id *seller)
{
	json_array_open(w, "lines");
	for (size_t i = 0; i < order->line_count; i++)
		if (order->lines[i].moved && id_equal(&order->lines[i].seller, seller))
			json_put_text(w, NULL, order->lines[i].item);
	json_array_close(w);
}

/* Member by member, so that what an order learns to say one day reaches no seller unasked. */
static enum err
write_copy(const struct event_head *head, const struct order *order, const struct id *seller,
    struct buf *out)
{
	static const char *const before[] = {"id", "number", "buyer_id"};
	static const char *const after[] = {"history", "created_at", "updated_at"};
	struct json_writer w;
	struct money total;

	TRY(total_for(order, seller, &total));
	event_open(&w, out, head);
	json_object_open(&w, "order");
	for (size_t i = 0; i < COUNT_OF(before); i++)
		json_put_value(&w, before[i], json_get(order->json, before[i]));
	json_put_text(&w, "status", status_for(order, seller));
	put_lines(&w, order, seller);
	json_put_money(&w, "total", &total);
	for (size_t i = 0; i < COUNT_OF(after); i++)
		json_put_value(&w, after[i], json_get(order->json, after[i]));
	json_object_close(&w);
	if (order->names_moved)
		put_moved(&w, order, seller);
	event_close(&w);
	return ERR_OK;
}

/* --- who gets which -------------------------------------------------------------------------- */

struct planning {
	struct arena *arena;
	const struct event_head *head;
	struct webhook_copy *copies;
	size_t count;
};

static enum err
planning_init(struct arena *arena, const struct event_head *head, size_t most, struct planning *out)
{
	struct planning planning = {.arena = arena, .head = head};

	planning.copies = arena_array(arena, most, sizeof(*planning.copies));
	TRY_ALLOC(planning.copies);
	*out = planning;
	return ERR_OK;
}

static bool
has_copy(const struct planning *planning, const struct id *owner)
{
	for (size_t i = 0; i < planning->count; i++)
		if (id_equal(&planning->copies[i].owner_id, owner))
			return true;
	return false;
}

static enum err
add_copy(struct planning *planning, const struct id *owner, struct span body)
{
	struct webhook_copy copy = {.head = planning->head, .owner_id = *owner};

	if (body.len <= WEBHOOK_BODY_MAX) {
		copy.body = arena_memdup(planning->arena, body.data, body.len);
		TRY_ALLOC(copy.body);
	}
	planning->copies[planning->count++] = copy;
	return ERR_OK;
}

/* No larger than the event but for how texts are escaped. */
static enum err
add_seller(struct planning *planning, const struct order *order, const struct id *seller,
    size_t event_bytes)
{
	auto_buf struct buf body;

	buf_init(&body, 2 * event_bytes + 1024);
	TRY(write_copy(planning->head, order, seller, &body));
	TRY(buf_finish(&body));
	return add_copy(planning, seller, span_of(body.data, body.len));
}

static enum err
plan_order(struct arena *arena, const struct event *event, struct span body, struct planning *out)
{
	struct order order;

	TRY(read_order(arena, event->data, &order));
	TRY(planning_init(arena, &event->head, order.line_count + 1, out));
	TRY(add_copy(out, &order.buyer, body));
	for (size_t i = 0; i < order.line_count; i++) {
		const struct line *line = &order.lines[i];

		if (line->moved && !has_copy(out, &line->seller))
			TRY(add_seller(out, &order, &line->seller, body.len));
	}
	return ERR_OK;
}

static enum err
plan_item(struct arena *arena, const struct event *event, struct span body, struct planning *out)
{
	struct id seller;

	TRY(json_get_id(json_get_object(event->data, "item"), "seller_id", &seller));
	TRY(planning_init(arena, &event->head, 1, out));
	return add_copy(out, &seller, body);
}

enum err
webhook_plan_make(struct arena *arena, const struct event *event, struct span body,
    const struct webhook_copy **out, size_t *count)
{
	struct planning planning = {.count = 0};

	if (webhook_event_known(event->head.type)) {
		if (str_starts_with(event->head.type, "order."))
			TRY(plan_order(arena, event, body, &planning));
		else
			TRY(plan_item(arena, event, body, &planning));
	}
	*out = planning.copies;
	*count = planning.count;
	return ERR_OK;
}

#include "fcgi/items/order_wire.h"

enum err
order_draft_read_buy(struct arena *arena, const struct id *item, struct span body,
    struct fault *fault, struct order_draft *out)
{
	struct order_draft_line *line = arena_alloc(arena, sizeof(*line));
	struct json_object in;

	TRY_ALLOC(line);
	line->item_id = *item;
	line->quantity = 1;
	line->pointer = "";
	TRY(json_begin(&in, arena, body, fault));
	json_read_int(&in, "quantity", JSON_OPTIONAL, 1, ORDER_QUANTITY_MAX, &line->quantity, NULL);
	json_read_money(
	    &in, "expected_price", JSON_OPTIONAL, &line->expected_price, &line->has_expected);
	TRY(json_end(&in));
	*out = (struct order_draft){.lines = line, .line_count = 1};
	return ERR_OK;
}

static void
read_line(struct json_object *in, struct order_draft_line *line)
{
	line->pointer = in->pointer;
	json_read_id(in, "item_id", JSON_REQUIRED, &line->item_id, NULL);
	json_read_int(in, "quantity", JSON_REQUIRED, 1, ORDER_QUANTITY_MAX, &line->quantity, NULL);
	json_read_money(
	    in, "expected_price", JSON_OPTIONAL, &line->expected_price, &line->has_expected);
}

/* Is the item of the last of COUNT lines in one before it?  An id that could not be read is in
 * none. */
static bool
is_repeated(const struct order_draft_line *lines, size_t count)
{
	const struct id *last = &lines[count - 1].item_id;

	for (size_t i = 0; i + 1 < count; i++)
		if (last->text[0] != '\0' && id_equal(&lines[i].item_id, last))
			return true;
	return false;
}

enum err
order_draft_read(
    struct arena *arena, struct span body, struct fault *fault, struct order_draft *out)
{
	const struct cJSON *list = NULL;
	struct order_draft_line *lines;
	struct json_object in;
	size_t count = 0;

	TRY(json_begin(&in, arena, body, fault));
	json_read_array(&in, "lines", JSON_REQUIRED, 1, ORDER_LINES_MAX, &list, &count, NULL);
	lines = arena_array(arena, count, sizeof(*lines));
	TRY_ALLOC(lines);
	for (size_t i = 0; i < count; i++) {
		struct json_object line;

		json_element(&in, list, "lines", i, &line);
		read_line(&line, &lines[i]);
		if (is_repeated(lines, i + 1))
			json_fault(
			    &line, "item_id", FIELD_DUPLICATE, "An item is in one line alone.");
		json_end_nested(&line);
	}
	TRY(json_end(&in));
	*out = (struct order_draft){.lines = lines, .line_count = count};
	return ERR_OK;
}

enum err
order_wish_read(struct arena *arena, struct span body, enum order_move move, struct fault *fault,
    struct order_wish *out)
{
	static const struct text_rule tracking = {.min = 1, .max = ORDER_TRACKING_MAX};
	struct order_wish wish = {.move = move};
	struct json_object in;

	TRY(json_begin(&in, arena, body, fault));
	if (move == ORDER_SHIP)
		json_read_text(&in, "tracking", JSON_OPTIONAL, &tracking, &wish.tracking, NULL);
	if (move == ORDER_REFUND)
		json_read_bool(&in, "restock", JSON_OPTIONAL, &wish.restock, NULL);
	TRY(json_end(&in));
	*out = wish;
	return ERR_OK;
}

static void
write_line(struct json_writer *w, const struct order_line *line)
{
	json_object_open(w, NULL);
	json_put_text(w, "item_id", line->item_id.text);
	json_put_text(w, "seller_id", line->priced ? line->seller_id.text : NULL);
	json_put_text(w, "name", line->priced ? line->name : NULL);
	if (line->priced)
		json_put_money(w, "unit_price", &line->unit_price);
	else
		json_put_null(w, "unit_price");
	json_put_int(w, "quantity", line->quantity);
	if (line->priced)
		json_put_money(w, "total", &line->total);
	else
		json_put_null(w, "total");
	json_put_text(w, "status", order_status_texts[line->status]);
	json_put_text(w, "tracking", line->tracking);
	json_object_close(w);
}

static void
write_step(struct json_writer *w, const struct order_step *step)
{
	json_object_open(w, NULL);
	json_put_text(w, "status", order_status_texts[step->status]);
	json_put_time(w, "at", step->at_ms);
	json_put_text(w, "by", step->has_by ? step->by.text : NULL);
	json_object_close(w);
}

void
order_write(struct json_writer *w, const char *key, const struct order *order)
{
	json_object_open(w, key);
	json_put_text(w, "id", order->id.text);
	json_put_text(w, "number", order->number);
	json_put_text(w, "buyer_id", order->buyer_id.text);
	json_put_text(w, "status", order_status_texts[order->status]);
	json_array_open(w, "lines");
	for (size_t i = 0; i < order->line_count; i++)
		write_line(w, &order->lines[i]);
	json_array_close(w);
	if (order->has_total)
		json_put_money(w, "total", &order->total);
	else
		json_put_null(w, "total");
	json_array_open(w, "history");
	for (size_t i = 0; i < order->history_count; i++)
		write_step(w, &order->history[i]);
	json_array_close(w);
	json_put_time(w, "created_at", order->created_at_ms);
	json_put_time(w, "updated_at", order->updated_at_ms);
	json_object_close(w);
}

void
order_write_event(struct buf *buf, const struct event_head *head, const struct order *order)
{
	struct json_writer w;

	event_open(&w, buf, head);
	order_write(&w, "order", order);
	event_close(&w);
}

void
order_write_step_event(
    struct buf *buf, const struct event_head *head, const struct order *order, uint64_t lines)
{
	struct json_writer w;

	event_open(&w, buf, head);
	order_write(&w, "order", order);
	json_array_open(&w, "lines");
	for (size_t i = 0; i < order->line_count; i++)
		if ((lines >> i & 1) != 0)
			json_put_text(&w, NULL, order->lines[i].item_id.text);
	json_array_close(&w);
	event_close(&w);
}

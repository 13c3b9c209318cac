#include "notifier/plan_order.h"

#include <string.h>

#include "notifier/plan_part.h"

#define LINES_MAX 1000 /* far above what an order may have */

struct line {
	struct id item, seller;
	const char *name;
	const char *tracking; /* or NULL */
	int64_t quantity;
	struct money unit_price, total;
	bool chosen; /* the mail is about this one */
};

struct order {
	struct id id, buyer;
	const char *number;
	const char *currency;
	struct line *lines;
	size_t line_count;
};

/* --- reading -------------------------------------------------------------------------------- */

static enum err
read_line(const struct cJSON *object, struct line *line)
{
	TRY(json_get_id(object, "item_id", &line->item));
	TRY(json_get_id(object, "seller_id", &line->seller));
	TRY(plan_read_text(object, "name", &line->name));
	TRY(json_get_money(object, "unit_price", &line->unit_price));
	TRY(json_get_money(object, "total", &line->total));
	line->tracking = json_get_text(object, "tracking");
	return json_get_int(object, "quantity", &line->quantity) ? ERR_OK : ERR_MALFORMED;
}

static enum err
read_order(struct arena *arena, const struct cJSON *data, struct order *order)
{
	const struct cJSON *object = json_get_object(data, "order");
	const struct cJSON *lines = json_get_array(object, "lines");
	size_t count = json_array_size(lines);

	if (count == 0 || count > LINES_MAX)
		return ERR_MALFORMED;
	TRY(json_get_id(object, "id", &order->id));
	TRY(json_get_id(object, "buyer_id", &order->buyer));
	TRY(plan_read_text(object, "number", &order->number));
	order->lines = arena_array(arena, count, sizeof(*order->lines));
	TRY_ALLOC(order->lines);
	order->line_count = 0;
	for (const struct cJSON *at = json_first(lines); at != NULL; at = json_next(at))
		TRY(read_line(at, &order->lines[order->line_count++]));
	order->currency = order->lines[0].total.currency;
	return ERR_OK;
}

/* --- choosing lines ------------------------------------------------------------------------- */

/* SELLER's, or all when it is NULL. */
static void
choose_lines_of(struct order *order, const struct id *seller)
{
	for (size_t i = 0; i < order->line_count; i++)
		order->lines[i].chosen =
		    seller == NULL || id_equal(&order->lines[i].seller, seller);
}

static enum err
choose_line(struct order *order, const char *item)
{
	if (item == NULL)
		return ERR_MALFORMED;
	for (size_t i = 0; i < order->line_count; i++)
		if (str_equal(order->lines[i].item.text, item)) {
			order->lines[i].chosen = true;
			return ERR_OK;
		}
	return ERR_MALFORMED;
}

static enum err
choose_moved_lines(struct order *order, const struct cJSON *data)
{
	const struct cJSON *moved = json_get_array(data, "lines");

	if (json_array_size(moved) == 0) {
		choose_lines_of(order, NULL);
		return ERR_OK;
	}
	for (const struct cJSON *at = json_first(moved); at != NULL; at = json_next(at))
		TRY(choose_line(order, json_value_text(at)));
	return ERR_OK;
}

/* --- what the mail will show ---------------------------------------------------------------- */

static void
write_line(struct json_writer *w, const struct line *line)
{
	json_object_open(w, NULL);
	json_put_text(w, "name", line->name);
	json_put_int(w, "quantity", line->quantity);
	json_put_money(w, "unit_price", &line->unit_price);
	json_put_money(w, "total", &line->total);
	json_object_close(w);
}

/* The order as if the chosen lines were all. */
static enum err
write_order(const struct order *order, struct buf *out)
{
	const char *tracking = NULL;
	struct money total = {0};
	struct json_writer w;

	buf_reset(out);
	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_put_text(&w, "id", order->id.text);
	json_put_text(&w, "number", order->number);
	json_array_open(&w, "lines");
	memcpy(total.currency, order->currency, sizeof(total.currency));
	for (size_t i = 0; i < order->line_count; i++) {
		const struct line *line = &order->lines[i];

		if (!line->chosen)
			continue;
		if (money_add(&total, &line->total, &total) != ERR_OK)
			return ERR_MALFORMED;
		write_line(&w, line);
		if (tracking == NULL)
			tracking = line->tracking;
	}
	json_array_close(&w);
	json_put_money(&w, "total", &total);
	json_put_text(&w, "tracking", tracking != NULL ? tracking : "");
	json_object_close(&w);
	return ERR_OK;
}

static bool
is_first_line_of_seller(const struct order *order, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (id_equal(&order->lines[i].seller, &order->lines[at].seller))
			return false;
	return true;
}

enum err
plan_order_created(struct arena *arena, const char *template, struct plan *plan)
{
	auto_buf struct buf json;
	struct order order;

	(void)template;
	buf_init(&json, PLAN_DATA_MAX_BYTES);
	TRY(read_order(arena, plan->event.data, &order));
	TRY(plan_make_room(arena, plan, order.line_count + 1));
	choose_lines_of(&order, NULL);
	TRY(write_order(&order, &json));
	TRY(plan_add_email(arena, plan, "receipt", &order.buyer, &json));
	for (size_t i = 0; i < order.line_count; i++) {
		const struct id *seller = &order.lines[i].seller;

		if (!is_first_line_of_seller(&order, i))
			continue;
		choose_lines_of(&order, seller);
		TRY(write_order(&order, &json));
		TRY(plan_add_email(arena, plan, "sold", seller, &json));
	}
	return ERR_OK;
}

enum err
plan_order_step(struct arena *arena, const char *template, struct plan *plan)
{
	auto_buf struct buf json;
	struct order order;

	buf_init(&json, PLAN_DATA_MAX_BYTES);
	TRY(read_order(arena, plan->event.data, &order));
	TRY(choose_moved_lines(&order, plan->event.data));
	TRY(write_order(&order, &json));
	return plan_add_only_email(arena, plan, template, &order.buyer, &json);
}

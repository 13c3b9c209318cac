#include "fcgi/items/order_document.h"

#include <stdio.h>

#include "shared/infra/mongo_list.h"
#include "shared/infra/mongo_read.h"

bool
order_put_status(bson_t *document, const struct order *order)
{
	return mongo_put_text(document, "status", order_status_texts[order->status]) &&
	    BSON_APPEND_BOOL(document, "listed", order->status != ORDER_FAILED);
}

static bool
put_line(struct mongo_list *list, const struct order_line *line)
{
	bson_t inner;

	return mongo_list_open(list, &inner) &&
	    mongo_put_text(&inner, "item_id", line->item_id.text) &&
	    BSON_APPEND_INT64(&inner, "quantity", line->quantity) &&
	    mongo_put_text(&inner, "status", order_status_texts[line->status]) &&
	    (!line->priced ||
		(mongo_put_text(&inner, "seller_id", line->seller_id.text) &&
		    mongo_put_text(&inner, "name", line->name) &&
		    mongo_put_money(&inner, "unit_price", &line->unit_price) &&
		    mongo_put_money(&inner, "total", &line->total))) &&
	    (line->tracking == NULL || mongo_put_text(&inner, "tracking", line->tracking)) &&
	    (!line->returned || BSON_APPEND_BOOL(&inner, "returned", true)) &&
	    mongo_list_close(list, &inner);
}

bool
order_put_lines(bson_t *document, const struct order *order)
{
	struct mongo_list list;
	bool fits = mongo_list_begin(document, "lines", &list);

	for (size_t i = 0; fits && i < order->line_count; i++)
		fits = put_line(&list, &order->lines[i]);
	return fits && mongo_list_end(document, &list);
}

void
order_sale_key(const struct id *seller, const enum order_status *status, char out[ORDER_SALE_SIZE])
{
	(void)snprintf(out, ORDER_SALE_SIZE, "%s%s%s", seller->text, status != NULL ? " " : "",
	    status != NULL ? order_status_texts[*status] : "");
}

/* The two entries of the seller of the line at AT, unless an earlier line is theirs as well. */
static bool
put_seller(struct mongo_list *list, const struct order *order, size_t at)
{
	const struct id *seller = &order->lines[at].seller_id;
	struct order_line lines[ORDER_LINES_MAX];
	enum order_status status;
	size_t line_count = 0;
	bool fits = true;

	for (size_t i = 0; i < order->line_count; i++)
		if (id_equal(&order->lines[i].seller_id, seller)) {
			if (i < at)
				return true;
			lines[line_count++] = order->lines[i];
		}
	status = order_status_of_lines(lines, line_count);
	for (int with_status = 0; fits && with_status < 2; with_status++) {
		char sale[ORDER_SALE_SIZE];

		order_sale_key(seller, with_status != 0 ? &status : NULL, sale);
		fits = mongo_list_put_text(list, sale);
	}
	return fits;
}

bool
order_put_sales(bson_t *document, const struct order *order)
{
	struct mongo_list list;
	bool fits = mongo_list_begin(document, "sales", &list);

	for (size_t i = 0; fits && i < order->line_count; i++)
		fits = !order->lines[i].priced || put_seller(&list, order, i);
	return fits && mongo_list_end(document, &list);
}

bool
order_put_step(bson_t *document, const char *name, const struct order_step *step)
{
	bson_t inner;

	return bson_append_document_begin(document, name, -1, &inner) &&
	    mongo_put_text(&inner, "status", order_status_texts[step->status]) &&
	    BSON_APPEND_DATE_TIME(&inner, "at", step->at_ms) &&
	    (!step->has_by || mongo_put_text(&inner, "by", step->by.text)) &&
	    (step->lines == 0 || BSON_APPEND_INT64(&inner, "lines", (int64_t)step->lines)) &&
	    bson_append_document_end(document, &inner);
}

bool
order_put_history(bson_t *document, const struct order *order)
{
	struct mongo_list list;
	bool fits = mongo_list_begin(document, "history", &list);

	for (size_t i = 0; fits && i < order->history_count; i++)
		fits = order_put_step(&list.bson, mongo_list_next(&list), &order->history[i]);
	return fits && mongo_list_end(document, &list);
}

bson_t *
order_fields_new(void)
{
	return BCON_NEW("number", BCON_INT32(1), "buyer_id", BCON_INT32(1), "status", BCON_INT32(1),
	    "hold_id", BCON_INT32(1), "lines", BCON_INT32(1), "total", BCON_INT32(1), "history",
	    BCON_INT32(1), "created_at", BCON_INT32(1), "updated_at", BCON_INT32(1), "version",
	    BCON_INT32(1));
}

static enum err
get_copy(struct arena *arena, const bson_t *document, const char *name, const char **out)
{
	const char *text;

	TRY(mongo_get_text(document, name, &text));
	*out = arena_strdup(arena, text);
	TRY_ALLOC(*out);
	return ERR_OK;
}

static enum err
get_status(const bson_t *document, enum order_status *out)
{
	const char *text;

	TRY(mongo_get_text(document, "status", &text));
	return order_status_parse(text, out);
}

static enum err
get_line(struct arena *arena, const bson_t *element, struct order_line *line)
{
	TRY(mongo_get_id(element, "item_id", &line->item_id));
	TRY(mongo_get_int(element, "quantity", &line->quantity));
	TRY(get_status(element, &line->status));
	line->priced = mongo_has(element, "unit_price");
	if (line->priced) {
		TRY(mongo_get_id(element, "seller_id", &line->seller_id));
		TRY(get_copy(arena, element, "name", &line->name));
		TRY(mongo_get_money(element, "unit_price", &line->unit_price));
		TRY(mongo_get_money(element, "total", &line->total));
	}
	if (mongo_has(element, "tracking"))
		TRY(get_copy(arena, element, "tracking", &line->tracking));
	line->returned = mongo_has(element, "returned");
	return ERR_OK;
}

static enum err
get_lines(struct arena *arena, const bson_t *document, struct order *order)
{
	uint32_t count = mongo_array_count(document, "lines");
	struct mongo_array array;

	order->lines = arena_array(arena, count, sizeof(*order->lines));
	TRY_ALLOC(order->lines);
	TRY(mongo_array_begin(document, "lines", &array));
	for (order->line_count = 0; mongo_array_next(&array); order->line_count++) {
		bson_t element;

		TRY(mongo_array_document(&array, &element));
		TRY(get_line(arena, &element, &order->lines[order->line_count]));
	}
	return ERR_OK;
}

static enum err
get_history(struct arena *arena, const bson_t *document, struct order *order)
{
	uint32_t count = mongo_array_count(document, "history");
	struct mongo_array array;

	order->history = arena_array(arena, count, sizeof(*order->history));
	TRY_ALLOC(order->history);
	TRY(mongo_array_begin(document, "history", &array));
	for (order->history_count = 0; mongo_array_next(&array); order->history_count++) {
		struct order_step *step = &order->history[order->history_count];
		bson_t element;

		TRY(mongo_array_document(&array, &element));
		TRY(get_status(&element, &step->status));
		TRY(mongo_get_time(&element, "at", &step->at_ms));
		step->has_by = mongo_has(&element, "by");
		if (step->has_by)
			TRY(mongo_get_id(&element, "by", &step->by));
		if (mongo_has(&element, "lines")) {
			int64_t lines;

			TRY(mongo_get_int(&element, "lines", &lines));
			step->lines = (uint64_t)lines;
		}
	}
	return ERR_OK;
}

enum err
order_from_document(struct arena *arena, const bson_t *document, struct order *out)
{
	struct order order = {.has_total = mongo_has(document, "total")};

	TRY(mongo_get_id(document, "_id", &order.id));
	TRY(get_copy(arena, document, "number", &order.number));
	TRY(mongo_get_id(document, "buyer_id", &order.buyer_id));
	TRY(get_status(document, &order.status));
	TRY(get_lines(arena, document, &order));
	if (order.has_total)
		TRY(mongo_get_money(document, "total", &order.total));
	TRY(get_history(arena, document, &order));
	TRY(mongo_get_time(document, "created_at", &order.created_at_ms));
	TRY(mongo_get_time(document, "updated_at", &order.updated_at_ms));
	TRY(mongo_get_int(document, "version", &order.version));
	*out = order;
	return ERR_OK;
}

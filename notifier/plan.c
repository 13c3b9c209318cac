#include "notifier/plan.h"

#include <string.h>

#include "shared/base/str.h"

#define DATA_MAX_BYTES ((size_t)1024 * 1024)
#define LINES_MAX      1000 /* far above what an order may have */

/* --- small readers -------------------------------------------------------------------------- */

static enum err
read_id(const struct cJSON *object, const char *name, struct id *out)
{
	const char *text = json_get_text(object, name);

	return text == NULL ? ERR_MALFORMED : id_parse(text, out);
}

static enum err
read_text(const struct cJSON *object, const char *name, const char **out)
{
	const char *text = json_get_text(object, name);

	if (text == NULL)
		return ERR_MALFORMED;
	*out = text;
	return ERR_OK;
}

static enum err
read_money(const struct cJSON *object, const char *name, struct money *out)
{
	const struct cJSON *value = json_get_object(object, name);
	const char *currency = value == NULL ? NULL : json_get_text(value, "currency");
	struct money money;

	if (currency == NULL || strlen(currency) != 3 ||
	    !json_get_int(value, "amount", &money.amount_minor) || money.amount_minor < 0 ||
	    money.amount_minor > MONEY_AMOUNT_MAX)
		return ERR_MALFORMED;
	memcpy(money.currency, currency, sizeof(money.currency));
	*out = money;
	return ERR_OK;
}

/* --- adding jobs ---------------------------------------------------------------------------- */

static enum err
add_email(struct arena *arena, struct plan *plan, const char *template, const struct id *recipient,
    const struct buf *data)
{
	struct planned_job *job = &plan->jobs[plan->job_count];

	TRY(buf_finish(data));
	job->channel = CHANNEL_EMAIL;
	job->template = template;
	job->recipient = *recipient;
	job->data = arena_memdup(arena, data->data, data->len);
	TRY_ALLOC(job->data);
	plan->job_count++;
	return ERR_OK;
}

static enum err
make_room(struct arena *arena, struct plan *plan, size_t count)
{
	plan->jobs = arena_array(arena, count, sizeof(*plan->jobs));
	TRY_ALLOC(plan->jobs);
	return ERR_OK;
}

/* --- user.* --------------------------------------------------------------------------------- */

static enum err
learn_contact(const struct cJSON *data, struct plan *plan)
{
	const struct cJSON *user = json_get_object(data, "user");
	const char *locale;

	if (user == NULL)
		return ERR_MALFORMED;
	TRY(read_id(user, "id", &plan->contact.user_id));
	TRY(read_text(user, "email", &plan->contact.email));
	TRY(read_text(user, "name", &plan->contact.name));
	locale = json_get_text(user, "locale");
	plan->contact.locale = locale != NULL ? locale : "";
	plan->has_contact = true;
	return ERR_OK;
}

static enum err
plan_contact(struct arena *arena, const struct cJSON *data, struct plan *plan)
{
	(void)arena;
	return learn_contact(data, plan);
}

static enum err
plan_user_registered(struct arena *arena, const struct cJSON *data, struct plan *plan)
{
	auto_buf struct buf json;
	struct json_writer w;
	const char *token;

	buf_init(&json, DATA_MAX_BYTES);
	TRY(learn_contact(data, plan));
	TRY(read_text(data, "verification_token", &token));
	TRY(make_room(arena, plan, 1));
	json_writer_init(&w, &json);
	json_object_open(&w, NULL);
	json_put_text(&w, "token", token);
	json_object_close(&w);
	return add_email(arena, plan, "welcome", &plan->contact.user_id, &json);
}

static enum err
plan_user_deleted(struct arena *arena, const struct cJSON *data, struct plan *plan)
{
	const struct cJSON *user = json_get_object(data, "user");

	(void)arena;
	if (user == NULL)
		return ERR_MALFORMED;
	TRY(read_id(user, "id", &plan->contact.user_id));
	plan->contact.email = plan->contact.name = plan->contact.locale = "";
	plan->contact.deleted = true;
	plan->has_contact = true;
	return ERR_OK;
}

/* --- item.* --------------------------------------------------------------------------------- */

static enum err
plan_item_created(struct arena *arena, const struct cJSON *data, struct plan *plan)
{
	const struct cJSON *item = json_get_object(data, "item");
	auto_buf struct buf json;
	struct json_writer w;
	struct id id;
	struct id seller;
	struct money price;
	const char *name;
	int64_t stock;

	buf_init(&json, DATA_MAX_BYTES);
	if (item == NULL || !json_get_int(item, "stock", &stock))
		return ERR_MALFORMED;
	TRY(read_id(item, "id", &id));
	TRY(read_id(item, "seller_id", &seller));
	TRY(read_text(item, "name", &name));
	TRY(read_money(item, "price", &price));
	TRY(make_room(arena, plan, 1));
	json_writer_init(&w, &json);
	json_object_open(&w, NULL);
	json_put_text(&w, "id", id.text);
	json_put_text(&w, "name", name);
	json_put_money(&w, "price", &price);
	json_put_int(&w, "stock", stock);
	json_object_close(&w);
	return add_email(arena, plan, "item_listed", &seller, &json);
}

/* --- order.* -------------------------------------------------------------------------------- */

struct line {
	struct id seller;
	const char *name;
	int64_t quantity;
	struct money unit_price, total;
};

struct order {
	struct id id, buyer;
	const char *number;
	struct money total;
	struct line *lines;
	size_t line_count;
};

static enum err
read_line(const struct cJSON *object, struct line *line)
{
	TRY(read_id(object, "seller_id", &line->seller));
	TRY(read_text(object, "name", &line->name));
	TRY(read_money(object, "unit_price", &line->unit_price));
	TRY(read_money(object, "total", &line->total));
	return json_get_int(object, "quantity", &line->quantity) ? ERR_OK : ERR_MALFORMED;
}

static enum err
read_order(struct arena *arena, const struct cJSON *data, struct order *order)
{
	const struct cJSON *object = json_get_object(data, "order");
	const struct cJSON *lines = object == NULL ? NULL : json_get_array(object, "lines");
	size_t count = lines == NULL ? 0 : json_array_size(lines);

	if (count == 0 || count > LINES_MAX)
		return ERR_MALFORMED;
	TRY(read_id(object, "id", &order->id));
	TRY(read_id(object, "buyer_id", &order->buyer));
	TRY(read_text(object, "number", &order->number));
	TRY(read_money(object, "total", &order->total));
	order->lines = arena_array(arena, count, sizeof(*order->lines));
	TRY_ALLOC(order->lines);
	order->line_count = 0;
	for (const struct cJSON *at = json_first(lines); at != NULL; at = json_next(at))
		TRY(read_line(at, &order->lines[order->line_count++]));
	return ERR_OK;
}

/* The order as SELLER may see it, or whole when SELLER is NULL. */
static enum err
write_order(const struct order *order, const struct id *seller, struct buf *out)
{
	struct money total = {0};
	struct json_writer w;

	buf_reset(out);
	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_put_text(&w, "id", order->id.text);
	json_put_text(&w, "number", order->number);
	json_array_open(&w, "lines");
	memcpy(total.currency, order->total.currency, sizeof(total.currency));
	for (size_t i = 0; i < order->line_count; i++) {
		const struct line *line = &order->lines[i];

		if (seller != NULL && !id_equal(&line->seller, seller))
			continue;
		if (money_add(&total, &line->total, &total) != ERR_OK)
			return ERR_MALFORMED;
		json_object_open(&w, NULL);
		json_put_text(&w, "name", line->name);
		json_put_int(&w, "quantity", line->quantity);
		json_put_money(&w, "unit_price", &line->unit_price);
		json_put_money(&w, "total", &line->total);
		json_object_close(&w);
	}
	json_array_close(&w);
	json_put_money(&w, "total", seller == NULL ? &order->total : &total);
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

static enum err
plan_order_created(struct arena *arena, const struct cJSON *data, struct plan *plan)
{
	auto_buf struct buf json;
	struct order order;

	buf_init(&json, DATA_MAX_BYTES);
	TRY(read_order(arena, data, &order));
	TRY(make_room(arena, plan, order.line_count + 1));
	TRY(write_order(&order, NULL, &json));
	TRY(add_email(arena, plan, "receipt", &order.buyer, &json));
	for (size_t i = 0; i < order.line_count; i++) {
		const struct id *seller = &order.lines[i].seller;

		if (!is_first_line_of_seller(&order, i))
			continue;
		TRY(write_order(&order, seller, &json));
		TRY(add_email(arena, plan, "sold", seller, &json));
	}
	return ERR_OK;
}

/* --- the table ------------------------------------------------------------------------------ */

static const struct planner {
	const char *type; /* the whole type, or all that begin with it when it ends with '.' */
	enum err (*plan)(struct arena *arena, const struct cJSON *data, struct plan *plan);
} planners[] = {
    {"user.registered", plan_user_registered},
    {"user.deleted", plan_user_deleted},
    {"user.", plan_contact},
    {"item.created", plan_item_created},
    {"order.created", plan_order_created},
};

static bool
is_for(const struct planner *planner, const char *type)
{
	size_t len = strlen(planner->type);

	return planner->type[len - 1] == '.' ? str_starts_with(type, planner->type)
					     : str_equal(type, planner->type);
}

enum err
plan_make(struct arena *arena, struct span body, struct plan *out)
{
	struct plan plan = {0};

	TRY(event_parse(arena, body, &plan.event));
	for (size_t i = 0; i < sizeof(planners) / sizeof(planners[0]); i++) {
		if (!is_for(&planners[i], plan.event.head.type))
			continue;
		TRY(planners[i].plan(arena, plan.event.data, &plan));
		break;
	}
	*out = plan;
	return ERR_OK;
}

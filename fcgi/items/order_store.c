#include "fcgi/items/order_store.h"

#include "fcgi/items/order_document.h"
#include "shared/infra/mongo_list.h"
#include "shared/infra/mongo_read.h"

void
order_store_init(const struct mongo *mongo, struct order_store *out)
{
	out->orders = mongo_collection(mongo, ORDERS_COLLECTION);
}

void
order_store_fini(struct order_store *store)
{
	if (store->orders != NULL)
		mongoc_collection_destroy(store->orders);
	store->orders = NULL;
}

enum err
order_store_insert(
    struct order_store *store, const struct deadline *deadline, const struct order_attempt *attempt)
{
	const struct order *order = attempt->order;
	auto_bson bson_t *document = bson_new();
	bool fits = mongo_put_text(document, "_id", order->id.text) &&
	    mongo_put_text(document, "number", order->number) &&
	    mongo_put_text(document, "buyer_id", order->buyer_id.text) &&
	    order_put_status(document, order) &&
	    mongo_put_text(document, "hold_id", attempt->hold_id.text) &&
	    order_put_lines(document, order) && order_put_history(document, order) &&
	    BSON_APPEND_DATE_TIME(document, "created_at", order->created_at_ms) &&
	    BSON_APPEND_DATE_TIME(document, "updated_at", order->updated_at_ms) &&
	    BSON_APPEND_INT64(document, "version", order->version) &&
	    BSON_APPEND_DATE_TIME(document, "expires_at", attempt->expires_at_ms) &&
	    (attempt->idempotency == NULL ||
		embedded_put_claim(document, attempt->idempotency, order->created_at_ms, NULL));

	if (!fits)
		return ERR_MEMORY;
	return mongo_insert(store->orders, deadline, document);
}

enum err
order_store_find_claim(struct order_store *store, const struct deadline *deadline,
    struct arena *arena, const struct id *buyer, const char *key, struct order_claim *out)
{
	auto_bson bson_t *filter =
	    BCON_NEW("buyer_id", BCON_UTF8(buyer->text), "idempotency.key", BCON_UTF8(key));
	auto_bson bson_t *fields = order_fields_new();
	auto_bson bson_t *found = NULL;
	struct order_claim claim;

	BCON_APPEND(fields, "idempotency", BCON_INT32(1));
	TRY(mongo_find_one(store->orders, deadline, filter, fields, &found));
	if (found == NULL)
		return ERR_NOT_FOUND;
	TRY(order_from_document(arena, found, &claim.order));
	TRY(mongo_get_id(found, "hold_id", &claim.hold_id));
	TRY(embedded_get_claim(arena, found, &claim.claim));
	*out = claim;
	return ERR_OK;
}

/* The order in STATUS under HOLD. */
static bson_t *
order_at(const struct order *order, enum order_status status, const struct id *hold)
{
	return BCON_NEW("_id", BCON_UTF8(order->id.text), "buyer_id",
	    BCON_UTF8(order->buyer_id.text), "status", BCON_UTF8(order_status_texts[status]),
	    "hold_id", BCON_UTF8(hold->text));
}

static const struct order_step *
last_step(const struct order *order)
{
	return &order->history[order->history_count - 1];
}

/* What every change of state sets: state, lines, time, and its step of the history. */
static bool
begin_change(bson_t *update, bson_t *set, const struct order *order)
{
	return BSON_APPEND_DOCUMENT_BEGIN(update, "$set", set) && order_put_status(set, order) &&
	    order_put_lines(set, order) && order_put_sales(set, order) &&
	    BSON_APPEND_DATE_TIME(set, "updated_at", order->updated_at_ms) &&
	    BSON_APPEND_INT64(set, "version", order->version);
}

/* `returns`, to be pushed. */
static bool
put_returns(bson_t *push, const struct due_return *returns, int64_t at_ms)
{
	struct mongo_list list;
	bson_t field, inner;
	bool fits = BSON_APPEND_DOCUMENT_BEGIN(push, "returns", &field) &&
	    mongo_list_begin(&field, "$each", &list);

	for (size_t i = 0; fits && i < returns->count; i++)
		fits = mongo_list_open(&list, &inner) &&
		    mongo_put_text(&inner, "item_id", returns->items[i].text) &&
		    BSON_APPEND_INT64(&inner, "quantity", returns->quantities[i]) &&
		    BSON_APPEND_DATE_TIME(&inner, "at", at_ms) && mongo_list_close(&list, &inner);
	return fits && mongo_list_end(&field, &list) && bson_append_document_end(push, &field);
}

/* EVENT may be NULL, RETURNS too. */
static bool
end_change(bson_t *update, bson_t *set, const struct order *order,
    const struct pending_event *event, const struct due_return *returns)
{
	bson_t push;

	return (event == NULL || embedded_put_due(set, event)) &&
	    bson_append_document_end(update, set) &&
	    BSON_APPEND_DOCUMENT_BEGIN(update, "$push", &push) &&
	    order_put_step(&push, "history", last_step(order)) &&
	    (event == NULL || embedded_put_event(&push, "pending_events", event)) &&
	    (returns == NULL || put_returns(&push, returns, order->updated_at_ms)) &&
	    bson_append_document_end(update, &push);
}

static bool
put_unset_expiry(bson_t *update)
{
	bson_t unset;

	return BSON_APPEND_DOCUMENT_BEGIN(update, "$unset", &unset) &&
	    mongo_put_text(&unset, "expires_at", "") && bson_append_document_end(update, &unset);
}

enum err
order_store_take_over(struct order_store *store, const struct deadline *deadline,
    const struct id *previous_hold, const struct order_attempt *attempt, bool *taken)
{
	auto_bson bson_t *filter = order_at(attempt->order, ORDER_FAILED, previous_hold);
	auto_bson bson_t *update = bson_new();
	bson_t set;
	bool fits = begin_change(update, &set, attempt->order) &&
	    mongo_put_text(&set, "hold_id", attempt->hold_id.text) &&
	    BSON_APPEND_DATE_TIME(&set, "expires_at", attempt->expires_at_ms) &&
	    BSON_APPEND_DATE_TIME(&set, "idempotency.at", attempt->order->updated_at_ms) &&
	    end_change(update, &set, attempt->order, NULL, NULL);

	if (!fits)
		return ERR_MEMORY;
	BCON_APPEND(filter, "idempotency.key", BCON_UTF8(attempt->idempotency->key),
	    "idempotency.answer", "{", "$exists", BCON_BOOL(false), "}");
	return mongo_update_one(store->orders, deadline, filter, update, taken);
}

enum err
order_store_confirm(struct order_store *store, const struct deadline *deadline,
    const struct order_attempt *attempt, const struct kept_answer *answer,
    const struct pending_event *event, bool *confirmed)
{
	auto_bson bson_t *filter = order_at(attempt->order, ORDER_PENDING, &attempt->hold_id);
	auto_bson bson_t *update = bson_new();
	bson_t set;
	bool fits = begin_change(update, &set, attempt->order) &&
	    mongo_put_money(&set, "total", &attempt->order->total) &&
	    (answer == NULL || embedded_put_answer(&set, "idempotency.answer", answer)) &&
	    end_change(update, &set, attempt->order, event, NULL) && put_unset_expiry(update);

	if (!fits)
		return ERR_MEMORY;
	return mongo_update_one(store->orders, deadline, filter, update, confirmed);
}

enum err
order_store_fail(struct order_store *store, const struct deadline *deadline,
    const struct order_attempt *attempt, const struct kept_answer *answer, bool *failed)
{
	auto_bson bson_t *filter = order_at(attempt->order, ORDER_PENDING, &attempt->hold_id);
	auto_bson bson_t *update = bson_new();
	bson_t set;
	bool fits = begin_change(update, &set, attempt->order) &&
	    (answer == NULL || embedded_put_answer(&set, "idempotency.answer", answer)) &&
	    end_change(update, &set, attempt->order, NULL, NULL) && put_unset_expiry(update);

	if (!fits)
		return ERR_MEMORY;
	return mongo_update_one(store->orders, deadline, filter, update, failed);
}

enum err
order_store_remove(struct order_store *store, const struct deadline *deadline,
    const struct order_attempt *attempt, bool *removed)
{
	auto_bson bson_t *filter = order_at(attempt->order, ORDER_PENDING, &attempt->hold_id);

	return mongo_delete_one(store->orders, deadline, filter, removed);
}

enum err
order_store_move(struct order_store *store, const struct deadline *deadline,
    const struct order *order, const struct due_return *returns, const struct pending_event *event,
    bool *moved)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(order->id.text), "buyer_id",
	    BCON_UTF8(order->buyer_id.text), "version", BCON_INT64(order->version - 1));
	auto_bson bson_t *update = bson_new();
	bson_t set;

	if (!begin_change(update, &set, order) ||
	    !end_change(update, &set, order, event, returns->count > 0 ? returns : NULL))
		return ERR_MEMORY;
	return mongo_update_one(store->orders, deadline, filter, update, moved);
}

enum err
order_store_state(struct order_store *store, const struct deadline *deadline,
    const struct id *buyer, const struct id *order, struct order_state *out)
{
	auto_bson bson_t *filter =
	    BCON_NEW("_id", BCON_UTF8(order->text), "buyer_id", BCON_UTF8(buyer->text));
	auto_bson bson_t *fields = BCON_NEW("status", BCON_INT32(1), "hold_id", BCON_INT32(1));
	auto_bson bson_t *found = NULL;
	struct order_state state;
	const char *status;

	TRY(mongo_find_one(store->orders, deadline, filter, fields, &found));
	if (found == NULL)
		return ERR_NOT_FOUND;
	TRY(mongo_get_text(found, "status", &status));
	TRY(order_status_parse(status, &state.status));
	TRY(mongo_get_id(found, "hold_id", &state.hold_id));
	*out = state;
	return ERR_OK;
}

enum err
order_store_get(struct order_store *store, const struct deadline *deadline, struct arena *arena,
    const struct id *id, struct order *out)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(id->text));
	auto_bson bson_t *fields = order_fields_new();
	auto_bson bson_t *found = NULL;

	TRY(mongo_find_one(store->orders, deadline, filter, fields, &found));
	if (found == NULL)
		return ERR_NOT_FOUND;
	return order_from_document(arena, found, out);
}

struct expired_walk {
	struct arena *arena;
	enum err (*each)(void *context, const struct order *order, const struct id *hold_id);
	void *context;
};

static enum err
visit_expired(void *context, const bson_t *document, bool *stop)
{
	struct expired_walk *walk = context;
	struct order order;
	struct id hold;

	TRY(order_from_document(walk->arena, document, &order));
	TRY(mongo_get_id(document, "hold_id", &hold));
	*stop = false;
	return walk->each(walk->context, &order, &hold);
}

enum err
order_store_each_expired(struct order_store *store, const struct deadline *deadline,
    struct arena *arena, int64_t before_ms, int64_t max,
    enum err (*each)(void *context, const struct order *order, const struct id *hold_id),
    void *context)
{
	auto_bson bson_t *filter = BCON_NEW("expires_at", "{", "$lt", BCON_DATE_TIME(before_ms),
	    "}", "status", BCON_UTF8(order_status_texts[ORDER_PENDING]));
	auto_bson bson_t *fields = order_fields_new();
	struct mongo_find find = {.filter = filter, .fields = fields, .limit = max};
	struct expired_walk walk = {.arena = arena, .each = each, .context = context};

	return mongo_find_each(store->orders, deadline, &find, visit_expired, &walk);
}

struct return_walk {
	enum err (*each)(void *context, const struct due_return *returns);
	void *context;
};

static enum err
visit_return(void *context, const bson_t *document, bool *stop)
{
	const struct return_walk *walk = context;
	struct due_return returns = {.count = 0};
	struct mongo_array array;

	TRY(mongo_get_id(document, "_id", &returns.order_id));
	TRY(mongo_get_id(document, "buyer_id", &returns.buyer_id));
	TRY(mongo_array_begin(document, "returns", &array));
	for (; returns.count < ORDER_LINES_MAX && mongo_array_next(&array); returns.count++) {
		bson_t element;

		TRY(mongo_array_document(&array, &element));
		TRY(mongo_get_id(&element, "item_id", &returns.items[returns.count]));
		TRY(mongo_get_int(&element, "quantity", &returns.quantities[returns.count]));
	}
	*stop = false;
	return walk->each(walk->context, &returns);
}

enum err
order_store_each_return(struct order_store *store, const struct deadline *deadline,
    int64_t before_ms, int64_t max,
    enum err (*each)(void *context, const struct due_return *returns), void *context)
{
	auto_bson bson_t *filter =
	    BCON_NEW("returns.at", "{", "$lt", BCON_DATE_TIME(before_ms), "}");
	auto_bson bson_t *fields = BCON_NEW("buyer_id", BCON_INT32(1), "returns", BCON_INT32(1));
	const struct mongo_find find = {.filter = filter, .fields = fields, .limit = max};
	struct return_walk walk = {.each = each, .context = context};

	return mongo_find_each(store->orders, deadline, &find, visit_return, &walk);
}

enum err
order_store_forget_returns(
    struct order_store *store, const struct deadline *deadline, const struct due_return *returns)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(returns->order_id.text), "buyer_id",
	    BCON_UTF8(returns->buyer_id.text));
	auto_bson bson_t *update = bson_new();
	struct mongo_pull pull;
	bool matched;
	bool fits = mongo_pull_begin(update, "returns", "item_id", &pull);

	for (size_t i = 0; fits && i < returns->count; i++)
		fits = mongo_list_put_text(&pull.values, returns->items[i].text);
	if (!fits || !mongo_pull_end(update, &pull))
		return ERR_MEMORY;
	return mongo_update_one(store->orders, deadline, filter, update, &matched);
}

enum err
order_store_is_return_due(struct order_store *store, const struct deadline *deadline,
    const struct id *buyer, const struct id *order, const struct id *item, bool *due)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(order->text), "buyer_id",
	    BCON_UTF8(buyer->text), "returns.item_id", BCON_UTF8(item->text));
	auto_bson bson_t *fields = BCON_NEW("_id", BCON_INT32(1));
	auto_bson bson_t *found = NULL;

	TRY(mongo_find_one(store->orders, deadline, filter, fields, &found));
	*due = found != NULL;
	return ERR_OK;
}

enum err
order_store_drop_claims(
    struct order_store *store, const struct deadline *deadline, int64_t before_ms)
{
	auto_bson bson_t *filter =
	    BCON_NEW("idempotency.at", "{", "$lt", BCON_DATE_TIME(before_ms), "}");
	auto_bson bson_t *update = BCON_NEW("$unset", "{", "idempotency", BCON_UTF8(""), "}");
	int64_t matched;

	return mongo_update_many(store->orders, deadline, MONGO_FAST, filter, update, &matched);
}

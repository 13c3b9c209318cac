#include "fcgi/items/reservation_store.h"

#include <inttypes.h>

#include "shared/base/str.h"
#include "shared/infra/mongo_list.h"
#include "shared/infra/mongo_read.h"

/* The item as far as a reservation needs to see it. */
static bson_t *
sight_fields(void)
{
	return BCON_NEW("seller_id", BCON_INT32(1), "name", BCON_INT32(1), "price", BCON_INT32(1),
	    "status", BCON_INT32(1), "stock", BCON_INT32(1));
}

static enum err
read_reserved(struct arena *arena, const bson_t *document, struct reserved *out)
{
	struct reserved reserved;
	const char *name;

	TRY(mongo_get_id(document, "seller_id", &reserved.seller_id));
	TRY(mongo_get_money(document, "price", &reserved.price));
	TRY(mongo_get_text(document, "name", &name));
	reserved.name = arena_strdup(arena, name);
	TRY_ALLOC(reserved.name);
	*out = reserved;
	return ERR_OK;
}

static bson_t *
take_filter(const struct reservation *reservation, const struct money *expected)
{
	bson_t *filter = BCON_NEW("_id", BCON_UTF8(reservation->item_id.text), "status",
	    BCON_UTF8(item_status_text(ITEM_ACTIVE)), "stock", "{", "$gte",
	    BCON_INT64(reservation->quantity), "}", "reservations.hold_id", "{", "$ne",
	    BCON_UTF8(reservation->hold_id.text), "}");

	if (expected != NULL)
		BCON_APPEND(filter, "price.amount", BCON_INT64(expected->amount_minor),
		    "price.currency", BCON_UTF8(expected->currency));
	return filter;
}

static bson_t *
take_update(const struct reservation *reservation)
{
	return BCON_NEW("$inc", "{", "stock", BCON_INT64(-reservation->quantity), "version",
	    BCON_INT64(1), "}", "$max", "{", "updated_at", BCON_DATE_TIME(reservation->at_ms), "}",
	    "$push", "{", "reservations", "{", "order_id", BCON_UTF8(reservation->order_id.text),
	    "hold_id", BCON_UTF8(reservation->hold_id.text), "buyer_id",
	    BCON_UTF8(reservation->buyer_id.text), "quantity", BCON_INT64(reservation->quantity),
	    "at", BCON_DATE_TIME(reservation->at_ms), "traceparent",
	    BCON_UTF8(reservation->traceparent != NULL ? reservation->traceparent : ""), "}", "}");
}

static enum err
refuse_as_unknown(struct fault *fault, const struct id *item)
{
	fault->item_id = arena_strdup(fault->arena, item->text);
	return fault_set(fault, ERR_NOT_FOUND, "There is no such item, or it left the catalogue.");
}

static enum err
refuse_for_stock(struct fault *fault, const struct id *item, int64_t available)
{
	fault->has_available = true;
	fault->available = available;
	fault->item_id = arena_strdup(fault->arena, item->text);
	return fault_set(fault, ERR_STOCK, "The item has %" PRId64 " left.", available);
}

static enum err
refuse_for_price(struct fault *fault, const struct id *item, const struct money *price)
{
	fault->has_price = true;
	fault->price = *price;
	fault->item_id = arena_strdup(fault->arena, item->text);
	return fault_set(fault, ERR_PRICE_CHANGED,
	    "The item costs %" PRId64 " %s now, in minor units.", price->amount_minor,
	    price->currency);
}

/*
 * Why the item did not match.  ERR_OK with *stands: the reservation stands after all, as the driver
 * sent the write twice; ERR_OK without: it would match by now.
 */
static enum err
find_reason(struct item_store *store, const struct deadline *deadline, struct arena *arena,
    const struct reservation *reservation, const struct money *expected, struct fault *fault,
    struct reserved *out, bool *stands)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(reservation->item_id.text));
	auto_bson bson_t *fields = sight_fields();
	auto_bson bson_t *found = NULL;
	const char *status;
	int64_t stock;

	BCON_APPEND(fields, "reservations", "{", "$elemMatch", "{", "hold_id",
	    BCON_UTF8(reservation->hold_id.text), "}", "}");
	TRY(mongo_find_one(store->items, deadline, filter, fields, &found));
	if (found == NULL)
		return refuse_as_unknown(fault, &reservation->item_id);
	if (mongo_array_count(found, "reservations") > 0) {
		TRY(read_reserved(arena, found, out));
		*stands = true;
		return ERR_OK;
	}
	TRY(mongo_get_text(found, "status", &status));
	if (!str_equal(status, item_status_text(ITEM_ACTIVE)))
		return refuse_as_unknown(fault, &reservation->item_id);
	TRY(mongo_get_int(found, "stock", &stock));
	if (stock < reservation->quantity)
		return refuse_for_stock(fault, &reservation->item_id, stock);
	TRY(read_reserved(arena, found, out));
	if (expected != NULL && !money_equal(expected, &out->price))
		return refuse_for_price(fault, &reservation->item_id, &out->price);
	*stands = false;
	return ERR_OK;
}

enum err
reservation_take(struct item_store *store, const struct deadline *deadline, struct arena *arena,
    const struct reservation *reservation, const struct money *expected, struct fault *fault,
    struct reserved *out)
{
	auto_bson bson_t *filter = take_filter(reservation, expected);
	auto_bson bson_t *update = take_update(reservation);
	auto_bson bson_t *fields = sight_fields();

	for (;;) {
		auto_bson bson_t *after = NULL;
		struct reserved reserved;
		bool stands = false;

		TRY(mongo_find_and_modify(store->items, deadline, filter, update, fields, &after));
		if (after != NULL)
			return read_reserved(arena, after, out);
		TRY(find_reason(
		    store, deadline, arena, reservation, expected, fault, &reserved, &stands));
		if (stands) {
			*out = reserved;
			return ERR_OK;
		}
	}
}

enum err
reservation_release(struct item_store *store, const struct deadline *deadline,
    const struct reservation *reservation, int64_t now_ms)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(reservation->item_id.text),
	    "reservations", "{", "$elemMatch", "{", "hold_id", BCON_UTF8(reservation->hold_id.text),
	    "quantity", BCON_INT64(reservation->quantity), "}", "}");
	auto_bson bson_t *update = BCON_NEW("$inc", "{", "stock", BCON_INT64(reservation->quantity),
	    "version", BCON_INT64(1), "}", "$max", "{", "updated_at", BCON_DATE_TIME(now_ms), "}",
	    "$pull", "{", "reservations", "{", "hold_id", BCON_UTF8(reservation->hold_id.text), "}",
	    "}");
	bool released;

	return mongo_update_one(store->items, deadline, filter, update, &released);
}

/* Appends $pull of the reservations of SOLD. */
static bool
put_pull(bson_t *update, const struct sold *sold)
{
	struct mongo_pull pull;
	bool fits = mongo_pull_begin(update, "reservations", "hold_id", &pull);

	for (size_t i = 0; fits && i < sold->count; i++)
		fits = mongo_list_put_text(&pull.values, sold->holds[i].text);
	return fits && mongo_pull_end(update, &pull);
}

enum err
reservation_settle(struct item_store *store, const struct deadline *deadline,
    const struct sold *sold, int64_t default_at, bool *settled)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(sold->item_id->text), "low_stock_at",
	    BCON_NULL, "stock", "{", "$gt", BCON_INT64(default_at), "}");
	auto_bson bson_t *update = bson_new();
	int64_t matched;

	if (!put_pull(update, sold))
		return ERR_MEMORY;
	/* Lost in a failover, it is found again as a stale reservation of a sold order. */
	TRY(mongo_update_many(store->items, deadline, MONGO_FAST, filter, update, &matched));
	*settled = matched > 0;
	return ERR_OK;
}

static bool
is_sold(const struct sold *sold, const char *hold)
{
	for (size_t i = 0; i < sold->count; i++)
		if (str_equal(sold->holds[i].text, hold))
			return true;
	return false;
}

static enum err
add_standing(struct arena *arena, const bson_t *element, struct standing *standing)
{
	const char *traceparent;
	int64_t units;

	TRY(mongo_get_int(element, "quantity", &units));
	standing->quantity += units; /* a part of what item_from_document added up */
	if (!mongo_has(element, "traceparent"))
		return ERR_OK; /* of a version that did not keep it */
	TRY(mongo_get_text(element, "traceparent", &traceparent));
	standing->traceparent = arena_strdup(arena, traceparent);
	TRY_ALLOC(standing->traceparent);
	return ERR_OK;
}

static enum err
find_standing(
    struct arena *arena, const bson_t *document, const struct sold *sold, struct standing *out)
{
	struct standing standing = {.quantity = 0};
	struct mongo_array array;

	TRY(mongo_array_begin(document, "reservations", &array));
	while (mongo_array_next(&array)) {
		bson_t element;
		const char *hold;

		TRY(mongo_array_document(&array, &element));
		TRY(mongo_get_text(&element, "hold_id", &hold));
		if (is_sold(sold, hold))
			TRY(add_standing(arena, &element, &standing));
	}
	*out = standing;
	return ERR_OK;
}

enum err
reservation_look(struct item_store *store, const struct deadline *deadline, struct arena *arena,
    const struct sold *sold, struct item *item, struct standing *out)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(sold->item_id->text));
	auto_bson bson_t *fields = item_fields_new();
	bson_t *found;

	BCON_APPEND(fields, "reservations", BCON_INT32(1));
	TRY(mongo_find_one(store->items, deadline, filter, fields, &found));
	if (found == NULL)
		return ERR_NOT_FOUND;
	TRY(item_document_keep(arena, found));
	TRY(item_from_document(arena, found, item));
	return find_standing(arena, found, sold, out);
}

enum err
reservation_settle_seen(struct item_store *store, const struct deadline *deadline,
    const struct sold *sold, const struct item *item, const struct pending_event *event,
    bool *settled)
{
	const int64_t version = item->version - (event != NULL ? 1 : 0);
	auto_bson bson_t *filter =
	    BCON_NEW("_id", BCON_UTF8(item->id.text), "version", BCON_INT64(version),
		"reservations", "{", "$size", BCON_INT32((int32_t)item->reservation_count), "}");
	auto_bson bson_t *update = bson_new();
	bson_t set;

	if (!put_pull(update, sold))
		return ERR_MEMORY;
	if (event != NULL &&
	    (!BSON_APPEND_DOCUMENT_BEGIN(update, "$set", &set) ||
		!BSON_APPEND_INT64(&set, "version", item->version) ||
		!embedded_put_due(&set, event) || !bson_append_document_end(update, &set) ||
		!embedded_put_push(update, event, 1)))
		return ERR_MEMORY;
	return mongo_update_one(store->items, deadline, filter, update, settled);
}

struct stale {
	int64_t before_ms;
	struct reservation *list;
	size_t max, count;
};

static enum err
read_stale(const struct id *item, const bson_t *element, struct stale *stale)
{
	struct reservation reservation = {.item_id = *item};

	TRY(mongo_get_time(element, "at", &reservation.at_ms));
	if (reservation.at_ms >= stale->before_ms)
		return ERR_OK;
	TRY(mongo_get_id(element, "order_id", &reservation.order_id));
	TRY(mongo_get_id(element, "hold_id", &reservation.hold_id));
	TRY(mongo_get_id(element, "buyer_id", &reservation.buyer_id));
	TRY(mongo_get_int(element, "quantity", &reservation.quantity));
	stale->list[stale->count++] = reservation;
	return ERR_OK;
}

static enum err
gather_stale(void *context, const bson_t *document, bool *stop)
{
	struct stale *stale = context;
	struct mongo_array array;
	struct id item;

	TRY(mongo_get_id(document, "_id", &item));
	TRY(mongo_array_begin(document, "reservations", &array));
	while (stale->count < stale->max && mongo_array_next(&array)) {
		bson_t element;

		TRY(mongo_array_document(&array, &element));
		TRY(read_stale(&item, &element, stale));
	}
	*stop = stale->count == stale->max;
	return ERR_OK;
}

enum err
reservation_list_stale(struct item_store *store, const struct deadline *deadline, int64_t before_ms,
    struct reservation *out, size_t max, size_t *count)
{
	auto_bson bson_t *filter =
	    BCON_NEW("reservations.at", "{", "$lt", BCON_DATE_TIME(before_ms), "}");
	auto_bson bson_t *fields = BCON_NEW("reservations", BCON_INT32(1));
	struct mongo_find find = {.filter = filter, .fields = fields, .limit = (int64_t)max};
	struct stale stale = {.before_ms = before_ms, .list = out, .max = max};

	TRY(mongo_find_each(store->items, deadline, &find, gather_stale, &stale));
	*count = stale.count;
	return ERR_OK;
}

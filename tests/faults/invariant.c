/*
 * invariant: what the store holds of one item, and of the orders on it.
 *
 *   invariant --uri MONGODB_URI --database NAME --item ID
 *
 * Prints one JSON object:
 *
 *   {"stock":…,"sold":…,"kept":…,"reserved":…,"reservations":…,"due":…,"confirmed":…,"failed":…,
 *    "pending":…,"unpublished":…}
 *
 * `sold` is the units in orders that hold them, `kept` those that were refunded and did not come
 * back, `reserved` those in reservations that stand, `due` the lines of orders whose stock is yet
 * to come back; `confirmed`, `failed` and `pending` count orders, `unpublished` the events that
 * wait in orders or in the item.  At rest stock + sold + kept is what was stocked, and the last
 * two, `due` and `reservations` are 0.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/clock.h"
#include "shared/infra/mongo.h"
#include "shared/infra/mongo_ops.h"
#include "shared/infra/mongo_read.h"

#define DEADLINE_MS 30000

struct tally {
	const char *item;
	int64_t stock, sold, kept, reserved, reservations, due, confirmed, failed, pending;
	int64_t unpublished;
};

static enum err
count_line(struct tally *tally, const bson_t *line, bool holds)
{
	const char *item;
	const char *status;
	int64_t quantity;

	TRY(mongo_get_text(line, "item_id", &item));
	TRY(mongo_get_text(line, "status", &status));
	TRY(mongo_get_int(line, "quantity", &quantity));
	if (!holds || strcmp(item, tally->item) != 0)
		return ERR_OK;
	if (strcmp(status, "cancelled") != 0 && strcmp(status, "refunded") != 0)
		tally->sold += quantity;
	else if (!mongo_has(line, "returned"))
		tally->kept += quantity;
	return ERR_OK;
}

static enum err
count_returns(struct tally *tally, const bson_t *order)
{
	struct mongo_array returns;

	TRY(mongo_array_begin(order, "returns", &returns));
	while (mongo_array_next(&returns)) {
		const char *item;
		bson_t element;

		TRY(mongo_array_document(&returns, &element));
		TRY(mongo_get_text(&element, "item_id", &item));
		tally->due += strcmp(item, tally->item) == 0;
	}
	return ERR_OK;
}

static enum err
count_order(void *context, const bson_t *order, bool *stop)
{
	struct tally *tally = context;
	struct mongo_array lines;
	const char *status;
	bool failed, pending;

	TRY(mongo_get_text(order, "status", &status));
	failed = strcmp(status, "failed") == 0;
	pending = strcmp(status, "pending") == 0;
	tally->failed += failed;
	tally->pending += pending;
	tally->confirmed += !failed && !pending;
	tally->unpublished += mongo_array_count(order, "pending_events");
	TRY(count_returns(tally, order));
	TRY(mongo_array_begin(order, "lines", &lines));
	while (mongo_array_next(&lines)) {
		bson_t line;

		TRY(mongo_array_document(&lines, &line));
		TRY(count_line(tally, &line, !failed && !pending));
	}
	*stop = false;
	return ERR_OK;
}

static enum err
count_item(const struct mongo *mongo, const struct deadline *deadline, struct tally *tally)
{
	mongoc_collection_t *items = mongo_collection(mongo, "items");
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(tally->item));
	auto_bson bson_t *item = NULL;
	struct mongo_array reservations;
	enum err err = mongo_find_one(items, deadline, filter, NULL, &item);

	mongoc_collection_destroy(items);
	TRY(err);
	if (item == NULL)
		return ERR_NOT_FOUND;
	TRY(mongo_get_int(item, "stock", &tally->stock));
	tally->unpublished += mongo_array_count(item, "pending_events");
	TRY(mongo_array_begin(item, "reservations", &reservations));
	while (mongo_array_next(&reservations)) {
		int64_t quantity;
		bson_t reservation;

		TRY(mongo_array_document(&reservations, &reservation));
		TRY(mongo_get_int(&reservation, "quantity", &quantity));
		tally->reserved += quantity;
		tally->reservations++;
	}
	return ERR_OK;
}

static enum err
count_all(const char *uri, const char *database, struct tally *tally)
{
	struct deadline deadline = deadline_in(&clock_system, DEADLINE_MS);
	auto_bson bson_t *filter = BCON_NEW("lines.item_id", BCON_UTF8(tally->item));
	const struct mongo_find find = {.filter = filter};
	struct mongo_pool *pool = NULL;
	mongoc_collection_t *orders;
	struct mongo mongo;
	enum err err;

	TRY(mongo_pool_new(uri, database, DEADLINE_MS, "invariant", &pool));
	TRY(mongo_open(pool, &mongo));
	orders = mongo_collection(&mongo, "orders");
	err = mongo_find_each(orders, &deadline, &find, count_order, tally);
	mongoc_collection_destroy(orders);
	if (err == ERR_OK)
		err = count_item(&mongo, &deadline, tally);
	mongo_close(&mongo);
	mongo_pool_free(&pool);
	return err;
}

int
main(int argc, char **argv)
{
	static const struct option words[] = {
	    {"uri", required_argument, NULL, 'u'},
	    {"database", required_argument, NULL, 'd'},
	    {"item", required_argument, NULL, 'i'},
	    {NULL, 0, NULL, 0},
	};
	const char *uri = NULL;
	const char *database = NULL;
	struct tally tally = {.item = NULL};
	enum err err;
	int word;

	while ((word = getopt_long(argc, argv, "", words, NULL)) != -1) {
		if (word == 'u')
			uri = optarg;
		else if (word == 'd')
			database = optarg;
		else if (word == 'i')
			tally.item = optarg;
		else
			return 64;
	}
	if (uri == NULL || database == NULL || tally.item == NULL) {
		(void)fprintf(stderr, "invariant: --uri, --database and --item are needed\n");
		return 64;
	}
	err = count_all(uri, database, &tally);
	if (err != ERR_OK) {
		(void)fprintf(stderr, "invariant: %s\n", err_name(err));
		return 1;
	}
	(void)printf("{\"stock\":%" PRId64 ",\"sold\":%" PRId64 ",\"kept\":%" PRId64
		     ",\"reserved\":%" PRId64 ",\"reservations\":%" PRId64 ",\"due\":%" PRId64
		     ",\"confirmed\":%" PRId64 ",\"failed\":%" PRId64 ",\"pending\":%" PRId64
		     ",\"unpublished\":%" PRId64 "}\n",
	    tally.stock, tally.sold, tally.kept, tally.reserved, tally.reservations, tally.due,
	    tally.confirmed, tally.failed, tally.pending, tally.unpublished);
	return 0;
}

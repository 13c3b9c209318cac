/*
 * items/order_store: orders in MongoDB.
 *
 * Layer: domain, store.  One store belongs to one thread.  Every change of an order is one atomic
 * write, guarded by the state it starts from.  Errors besides those named are mongo_error's.
 *
 * An order's `hold_id` names the attempt that is deciding it.  A key that was never answered keeps
 * its order: whoever repeats the request takes that same order over under a new hold, so that a key
 * can never have two orders.
 */
#ifndef FCGI_ITEMS_ORDER_STORE_H
#define FCGI_ITEMS_ORDER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fcgi/items/embedded.h"
#include "fcgi/items/order.h"
#include "shared/infra/mongo_ops.h"

#define ORDERS_COLLECTION "orders"

struct order_store {
	mongoc_collection_t *orders;
};

void order_store_init(const struct mongo *mongo, struct order_store *out);
/* May run twice. */
void order_store_fini(struct order_store *store);

/* An order while it is being decided: which attempt, and until when. */
struct order_attempt {
	struct order *order;
	struct id hold_id;
	int64_t expires_at_ms;
	const struct idempotency *idempotency; /* NULL without a key */
};

/* Inserts the order as pending.  ERR_CONFLICT: its buyer has used the key before, or this
 * very insert came twice. */
MUST_USE enum err order_store_insert(struct order_store *store, const struct deadline *deadline,
    const struct order_attempt *attempt);

/* What a buyer's key stands for. */
struct order_claim {
	struct order order;
	struct id hold_id;
	struct claim claim;
};

/* ERR_NOT_FOUND. */
MUST_USE enum err order_store_find_claim(struct order_store *store, const struct deadline *deadline,
    struct arena *arena, const struct id *buyer, const char *key, struct order_claim *out);
/* Makes the failed, unanswered order of PREVIOUS pending again, as attempt->hold_id; *taken false:
 * somebody else did, or it is not in that state. */
MUST_USE enum err order_store_take_over(struct order_store *store, const struct deadline *deadline,
    const struct id *previous_hold, const struct order_attempt *attempt, bool *taken);

/* pending → confirmed, with lines, total, history, the key's answer and the event.  *confirmed
 * false: it was not pending under this hold. */
MUST_USE enum err order_store_confirm(struct order_store *store, const struct deadline *deadline,
    const struct order_attempt *attempt, const struct kept_answer *answer,
    const struct pending_event *event, bool *confirmed);
/* pending → failed; ANSWER (or NULL) is kept under the key. */
MUST_USE enum err order_store_fail(struct order_store *store, const struct deadline *deadline,
    const struct order_attempt *attempt, const struct kept_answer *answer, bool *failed);
/* Removes the pending order, and its key with it. */
MUST_USE enum err order_store_remove(struct order_store *store, const struct deadline *deadline,
    const struct order_attempt *attempt, bool *removed);

/* An order and those of its lines whose stock is due back. */
struct due_return {
	struct id order_id;
	struct id buyer_id;
	size_t count; /* of the items */
	struct id items[ORDER_LINES_MAX];
	int64_t quantities[ORDER_LINES_MAX];
};

/* Writes the order over its version before (order->version - 1), with its event and RETURNS, the
 * stock that is due back.  *moved false: it is not at that version any more. */
MUST_USE enum err order_store_move(struct order_store *store, const struct deadline *deadline,
    const struct order *order, const struct due_return *returns, const struct pending_event *event,
    bool *moved);
/* The items of RETURNS have their stock back. */
MUST_USE enum err order_store_forget_returns(
    struct order_store *store, const struct deadline *deadline, const struct due_return *returns);
/* Is stock of ITEM still due back from the order?  False for an order that is not there. */
MUST_USE enum err order_store_is_return_due(struct order_store *store,
    const struct deadline *deadline, const struct id *buyer, const struct id *order,
    const struct id *item, bool *due);
/* Calls EACH with orders whose stock has been due back since before BEFORE_MS, at most MAX. */
MUST_USE enum err order_store_each_return(struct order_store *store,
    const struct deadline *deadline, int64_t before_ms, int64_t max,
    enum err (*each)(void *context, const struct due_return *returns), void *context);

struct order_state {
	enum order_status status;
	struct id hold_id;
};

/* ERR_NOT_FOUND. */
MUST_USE enum err order_store_state(struct order_store *store, const struct deadline *deadline,
    const struct id *buyer, const struct id *order, struct order_state *out);
/* The whole order, its strings in ARENA.  ERR_NOT_FOUND. */
MUST_USE enum err order_store_get(struct order_store *store, const struct deadline *deadline,
    struct arena *arena, const struct id *id, struct order *out);

/* Calls EACH with every pending order that expired before BEFORE_MS, at most MAX. */
MUST_USE enum err order_store_each_expired(struct order_store *store,
    const struct deadline *deadline, struct arena *arena, int64_t before_ms, int64_t max,
    enum err (*each)(void *context, const struct order *order, const struct id *hold_id),
    void *context);
/* Forgets the keys kept since before BEFORE_MS. */
MUST_USE enum err order_store_drop_claims(
    struct order_store *store, const struct deadline *deadline, int64_t before_ms);

#endif

/*
 * items/purchase_flow: buying: every line or none, never a unit twice.
 *
 * Layer: domain.  No transaction over documents; each step is one atomic write:
 *
 *   claimed    the order is inserted as pending, and with it the Idempotency-Key
 *   reserved   each line's item, in item-id order: stock down and a reservation in, in one write
 *              that returns name and price
 *   confirmed  the order, pending → confirmed, with lines, total, the kept answer and the event:
 *              the commit point; the answer is sent after it
 *   settled    the reservations are removed: by the sweeper's thread, after the answer
 *
 * So a purchase of N lines waits for N + 2 round trips to the store, each to a majority's journal,
 * and under a key for one look more, whether it listed an item.  Removing the reservations costs no
 * request anything, and one write serves many purchases.
 *
 * Whatever dies between two steps leaves an order that is pending and expires.  The sweeper fails
 * it first and only then gives its stock back, so that a late original finds that it can't confirm.
 * A write whose outcome is not known (the connection broke, the time was up) is never assumed:
 * after a reservation the attempt is given up, as a late twin of that write might reserve once more
 * under the same hold; after a confirmation the order itself is asked.
 */
#ifndef FCGI_ITEMS_PURCHASE_FLOW_H
#define FCGI_ITEMS_PURCHASE_FLOW_H

#include <stdbool.h>

#include "fcgi/items/call.h"
#include "fcgi/items/order.h"
#include "fcgi/items/shop.h"
#include "shared/edge/idempotency.h"

/* How outcomes are told to the client; what is told is kept under the request's key. */
struct purchase_answers {
	enum err (*confirmed)(void *context, const struct order *order, struct kept_answer *out);
	enum err (*refused)(void *context, enum err err, struct kept_answer *out);
	void *context;
};

struct purchase_result {
	bool replayed; /* the key was answered before: this is that answer */
	struct kept_answer answer;
};

/*
 * Places the order.  ERR_OK: there is an answer, new or replayed.  ERR_NOT_FOUND, ERR_STOCK,
 * ERR_PRICE_CHANGED, ERR_VALIDATION (currencies, total): nothing was sold, and the fault says
 * which line.  ERR_IDEMPOTENCY_REUSED, ERR_IDEMPOTENCY_RUNNING.  ERR_UNAVAILABLE, ERR_DEADLINE: the
 * outcome is not known yet; with a key a repeated request finds it.
 */
MUST_USE enum err purchase_place(struct shop *shop, const struct call *call,
    const struct order_draft *draft, const struct purchase_answers *answers,
    struct purchase_result *out);

#endif

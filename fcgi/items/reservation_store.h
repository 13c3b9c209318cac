/*
 * items/reservation_store: stock taken for an order that is not decided yet.
 *
 * Layer: domain, store.  An item carries `reservations: [{order_id, hold_id, buyer_id, quantity,
 * at, traceparent}]`.  Taking stock lowers `stock` and adds a reservation in one atomic write,
 * giving it back raises `stock` and removes the reservation in one: each is guarded by whether the
 * reservation stands, so that a second try of the same changes nothing.  A hold is one attempt at
 * one order: an order that is tried again reserves under a new hold, and nothing left over of the
 * earlier attempt can count for it.
 */
#ifndef FCGI_ITEMS_RESERVATION_STORE_H
#define FCGI_ITEMS_RESERVATION_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fcgi/items/item_store.h"
#include "fcgi/items/order.h"

struct reservation {
	struct id item_id;
	struct id order_id;
	struct id hold_id;
	struct id buyer_id;
	int64_t quantity;
	int64_t at_ms;
	const char *traceparent; /* of the purchase, or NULL */
};

/* What the catalogue said at the moment of the reservation. */
struct reserved {
	struct id seller_id;
	const char *name; /* in the arena */
	struct money price;
};

/*
 * Takes the stock.  EXPECTED, when not NULL, is the only price at which it is taken.  ERR_OK: it is
 * reserved, by this call or by one of the same hold before.  ERR_NOT_FOUND: no such item in the
 * catalogue; ERR_STOCK with `available`; ERR_PRICE_CHANGED with `price`: nothing is reserved.
 * ERR_UNAVAILABLE, ERR_DEADLINE: it may be, or may yet become, reserved; the hold must not be
 * confirmed any more.
 */
MUST_USE enum err reservation_take(struct item_store *store, const struct deadline *deadline,
    struct arena *arena, const struct reservation *reservation, const struct money *expected,
    struct fault *fault, struct reserved *out);
/* Gives the stock back, if the reservation stands. */
MUST_USE enum err reservation_release(struct item_store *store, const struct deadline *deadline,
    const struct reservation *reservation, int64_t now_ms);
/* Reservations of one item, whose stock is sold. */
struct sold {
	const struct id *item_id;
	const struct id *holds;
	size_t count;
};
/* Removes them where that crosses no bound: more than DEFAULT_AT units are left of an item without
 * a bound of its own.  *settled false: it is not such an item. */
MUST_USE enum err reservation_settle(struct item_store *store, const struct deadline *deadline,
    const struct sold *sold, int64_t default_at, bool *settled);
/* The reservations of SOLD, as far as they stand. */
struct standing {
	int64_t quantity;
	const char *traceparent; /* of the last of them, in the arena; or NULL */
};
/* Them and their item, in the catalogue or not.  ERR_NOT_FOUND. */
MUST_USE enum err reservation_look(struct item_store *store, const struct deadline *deadline,
    struct arena *arena, const struct sold *sold, struct item *item, struct standing *out);
/* Removes them from ITEM, as it was looked at.  EVENT may be NULL; with one, the item is one
 * version on.  *settled false: it is not as it was any more. */
MUST_USE enum err reservation_settle_seen(struct item_store *store, const struct deadline *deadline,
    const struct sold *sold, const struct item *item, const struct pending_event *event,
    bool *settled);
/* Reservations made before BEFORE_MS, at most MAX, into OUT. */
MUST_USE enum err reservation_list_stale(struct item_store *store, const struct deadline *deadline,
    int64_t before_ms, struct reservation *out, size_t max, size_t *count);

#endif

/*
 * items/sweep_flow: what a purchase left behind whose process died or gave up.
 *
 * Layer: domain.  Any number of pods may sweep at once: each step is guarded, so that whoever comes
 * second changes nothing.
 */
#ifndef FCGI_ITEMS_SWEEP_FLOW_H
#define FCGI_ITEMS_SWEEP_FLOW_H

#include <stdint.h>

#include "fcgi/items/shop.h"
#include "shared/base/arena.h"
#include "shared/base/clock.h"

struct sweep_counts {                 /* added to */
	int64_t orders_failed;        /* expired pending orders */
	int64_t reservations_freed;   /* stale, of failed or unknown orders */
	int64_t reservations_settled; /* stale, of sold orders */
	int64_t lines_returned;       /* of cancelled and refunded orders */
};

/* Expired pending orders: first pending → failed, and only then their stock goes back. */
MUST_USE enum err sweep_orders(struct shop *shop, const struct deadline *deadline,
    struct arena *arena, int64_t now_ms, struct sweep_counts *counts);
/*
 * Reservations older than any attempt may last.  Their order sold under this hold: removed.
 * Pending under this hold: left, as sweep_orders has it.  Failed, tried again under another hold,
 * or unknown: the stock goes back.
 */
MUST_USE enum err sweep_reservations(struct shop *shop, const struct deadline *deadline,
    struct arena *arena, int64_t now_ms, struct sweep_counts *counts);
/* Idempotency keys kept long enough. */
MUST_USE enum err sweep_claims(struct shop *shop, const struct deadline *deadline, int64_t now_ms);

#endif

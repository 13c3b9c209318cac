/*
 * items/settle_queue: reservations whose stock is sold, on their way from the workers, which
 * answered already, to the sweeper's thread, which removes them many at a time.
 *
 * Layer: domain.  Bounded: what finds no room is dropped, as the sweeper finds it again by its age.
 * Safe on any thread.
 */
#ifndef FCGI_ITEMS_SETTLE_QUEUE_H
#define FCGI_ITEMS_SETTLE_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"
#include "shared/base/id.h"

struct settle_queue;

struct sold_hold {
	struct id item_id;
	struct id hold_id;
};

MUST_USE enum err settle_queue_new(size_t room, struct settle_queue **out);
void settle_queue_free(struct settle_queue **queue);
void settle_queue_put(struct settle_queue *queue, const struct sold_hold *hold);
/*
 * Waits until there is something, WAIT_MS passed or settle_queue_close; then up to GATHER_MS more
 * for company.  At most MAX into OUT, sorted by item.  Returns how many.
 */
size_t settle_queue_take(struct settle_queue *queue, int64_t wait_ms, int64_t gather_ms,
    struct sold_hold *out, size_t max);
/* Ends every wait, now and later; what is in the queue can still be taken. */
void settle_queue_close(struct settle_queue *queue);
/* How many were dropped since the start. */
int64_t settle_queue_dropped(struct settle_queue *queue);

#endif

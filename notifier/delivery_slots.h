/*
 * notifier/delivery_slots: the deliveries that one process has in hand.
 *
 * Domain, pure but for memory.  One thread's.  A slot that is free has no memory of its own.
 */
#ifndef NOTIFIER_DELIVERY_SLOTS_H
#define NOTIFIER_DELIVERY_SLOTS_H

#include "notifier/webhook_record.h"
#include "shared/base/trace.h"

enum delivery_slot_state { SLOT_FREE, SLOT_CALLING, SLOT_ENDED };

struct delivery_slot {
	enum delivery_slot_state state;
	struct delivery delivery;
	struct webhook_ending ending; /* of that delivery */
	struct trace trace;           /* of the call, from its beginning */
	int64_t start_ns;
};

struct delivery_slots;

MUST_USE enum err delivery_slots_new(size_t count, struct delivery_slots **out);
void delivery_slots_free(struct delivery_slots **slots);

/* Up to MAX that are free.  How many. */
size_t delivery_slots_free_ones(
    struct delivery_slots *slots, struct delivery_slot **out, size_t max);
/* Up to MAX that ended.  How many. */
size_t delivery_slots_ended(struct delivery_slots *slots, struct delivery_slot **out, size_t max);
/* How many of each endpoint are not free; until the next call. */
const struct delivery_busy *delivery_slots_busy(struct delivery_slots *slots, size_t *count);
/* Its delivery is done with, and its memory goes. */
void delivery_slot_release(struct delivery_slot *slot);

#endif

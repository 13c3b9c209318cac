#include "notifier/delivery_slots.h"

#include <stdlib.h>

struct delivery_slots {
	size_t count;
	struct delivery_slot *all;
	struct delivery_busy *busy;
};

enum err
delivery_slots_new(size_t count, struct delivery_slots **out)
{
	struct delivery_slots *slots = calloc(1, sizeof(*slots));

	TRY_ALLOC(slots);
	slots->all = calloc(count, sizeof(*slots->all));
	slots->busy = calloc(count, sizeof(*slots->busy));
	if (slots->all == NULL || slots->busy == NULL) {
		delivery_slots_free(&slots);
		return ERR_MEMORY;
	}
	slots->count = count;
	for (size_t i = 0; i < count; i++)
		slots->all[i].ending.delivery = &slots->all[i].delivery;
	*out = slots;
	return ERR_OK;
}

void
delivery_slots_free(struct delivery_slots **slots)
{
	struct delivery_slots *own = *slots;

	if (own == NULL)
		return;
	for (size_t i = 0; i < own->count; i++)
		delivery_slot_release(&own->all[i]);
	free(own->all);
	free(own->busy);
	free(own);
	*slots = NULL;
}

void
delivery_slot_release(struct delivery_slot *slot)
{
	slot->state = SLOT_FREE;
	arena_free(&slot->delivery.arena);
}

static size_t
find(struct delivery_slots *slots, enum delivery_slot_state state, struct delivery_slot **out,
    size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < slots->count && count < max; i++)
		if (slots->all[i].state == state)
			out[count++] = &slots->all[i];
	return count;
}

size_t
delivery_slots_free_ones(struct delivery_slots *slots, struct delivery_slot **out, size_t max)
{
	return find(slots, SLOT_FREE, out, max);
}

size_t
delivery_slots_ended(struct delivery_slots *slots, struct delivery_slot **out, size_t max)
{
	return find(slots, SLOT_ENDED, out, max);
}

const struct delivery_busy *
delivery_slots_busy(struct delivery_slots *slots, size_t *count)
{
	size_t found = 0;

	for (size_t i = 0; i < slots->count; i++) {
		const struct delivery_slot *slot = &slots->all[i];
		size_t at = 0;

		if (slot->state == SLOT_FREE)
			continue;
		while (at < found &&
		    !id_equal(&slots->busy[at].webhook_id, &slot->delivery.webhook_id))
			at++;
		if (at == found)
			slots->busy[found++] =
			    (struct delivery_busy){.webhook_id = slot->delivery.webhook_id};
		slots->busy[at].transfers++;
	}
	*count = found;
	return slots->busy;
}

#include <string.h>

#include "tests/unit/unit.h"

#include "notifier/delivery_slots.h"

#define COUNT 5

static const struct id anna = {"01890000-0000-7000-8000-00000000000a"};
static const struct id bert = {"01890000-0000-7000-8000-00000000000b"};

static struct delivery_slots *slots;

static int
new_slots(void **state)
{
	(void)state;
	return delivery_slots_new(COUNT, &slots) == ERR_OK ? 0 : -1;
}

static int
free_slots(void **state)
{
	(void)state;
	delivery_slots_free(&slots);
	delivery_slots_free(&slots);
	return 0;
}

/* The first free slot, with a delivery to WEBHOOK that has memory of its own. */
static struct delivery_slot *
fill(const struct id *webhook, enum delivery_slot_state slot_state)
{
	struct delivery_slot *slot = NULL;

	assert_int_equal(delivery_slots_free_ones(slots, &slot, 1), 1);
	assert_err(ERR_OK, arena_new(4096, &slot->delivery.arena));
	slot->delivery.webhook_id = *webhook;
	slot->state = slot_state;
	return slot;
}

static void
a_slot_is_free_until_it_is_filled_and_again_when_released(void **state)
{
	struct delivery_slot *free_ones[COUNT + 1];
	struct delivery_slot *slot;

	(void)state;
	assert_int_equal(delivery_slots_free_ones(slots, free_ones, COUNT + 1), COUNT);
	assert_int_equal(delivery_slots_free_ones(slots, free_ones, 2), 2);
	slot = fill(&anna, SLOT_CALLING);
	assert_ptr_equal(slot->ending.delivery, &slot->delivery);
	assert_int_equal(delivery_slots_free_ones(slots, free_ones, COUNT + 1), COUNT - 1);
	for (size_t i = 0; i < COUNT - 1; i++)
		assert_ptr_not_equal(free_ones[i], slot);
	delivery_slot_release(slot);
	assert_null(slot->delivery.arena);
	assert_int_equal(delivery_slots_free_ones(slots, free_ones, COUNT + 1), COUNT);
}

static void
those_that_ended_are_told_apart_from_those_under_way(void **state)
{
	struct delivery_slot *found[COUNT] = {NULL};
	struct delivery_slot *ended;

	(void)state;
	assert_int_equal(delivery_slots_ended(slots, found, COUNT), 0);
	(void)fill(&anna, SLOT_CALLING);
	ended = fill(&anna, SLOT_ENDED);
	(void)fill(&bert, SLOT_ENDED);
	assert_int_equal(delivery_slots_ended(slots, found, COUNT), 2);
	assert_int_equal(delivery_slots_ended(slots, found, 1), 1);
	assert_ptr_equal(found[0], ended);
}

/* One that ended and is not recorded yet still holds its endpoint's place. */
static void
what_is_not_free_counts_for_its_endpoint(void **state)
{
	const struct delivery_busy *busy;
	size_t count = 99;

	(void)state;
	(void)delivery_slots_busy(slots, &count);
	assert_int_equal(count, 0);
	(void)fill(&anna, SLOT_CALLING);
	(void)fill(&bert, SLOT_CALLING);
	(void)fill(&anna, SLOT_ENDED);
	busy = delivery_slots_busy(slots, &count);
	assert_int_equal(count, 2);
	assert_true(id_equal(&busy[0].webhook_id, &anna));
	assert_int_equal(busy[0].transfers, 2);
	assert_true(id_equal(&busy[1].webhook_id, &bert));
	assert_int_equal(busy[1].transfers, 1);
	/* Counted anew each time. */
	busy = delivery_slots_busy(slots, &count);
	assert_int_equal(busy[0].transfers, 2);
}

#define SLOTS_TEST(name) cmocka_unit_test_setup_teardown(name, new_slots, free_slots)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SLOTS_TEST(a_slot_is_free_until_it_is_filled_and_again_when_released),
	    SLOTS_TEST(those_that_ended_are_told_apart_from_those_under_way),
	    SLOTS_TEST(what_is_not_free_counts_for_its_endpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

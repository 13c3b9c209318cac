#include "tests/unit/items/shop_rig.h"

#include "fcgi/items/items_outbox.h"

/* A clock that the test sets. */
static int64_t now_ms;

static int64_t
read_now(void *context)
{
	(void)context;
	return now_ms;
}

static int64_t
read_monotonic(void *context)
{
	(void)context;
	return 0;
}

static const struct clock clock_set = {read_now, read_monotonic, NULL};

static struct items_outbox *outboxes[2]; /* two pods' */
static struct outbox_source sources[2];

static int
start(void **state)
{
	if (rig_start(state) != 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		if (items_outbox_new(rig.pool, &clock_set, &outboxes[i]) != ERR_OK)
			return -1;
		sources[i] = items_outbox_source(outboxes[i]);
	}
	return 0;
}

static int
end(void **state)
{
	for (int i = 0; i < 2; i++)
		items_outbox_free(&outboxes[i]);
	return rig_end(state);
}

static int
empty(void **state)
{
	now_ms = clock_now_ms(&clock_system);
	return rig_empty(state);
}

static size_t
fetch(int pod, struct outbox_event *events, size_t max)
{
	size_t count = 77;

	assert_err(
	    ERR_OK, sources[pod].fetch(sources[pod].context, rig.arena, events, max, &count));
	return count;
}

static void
settle(int pod, const struct outbox_event *events, size_t count)
{
	assert_err(ERR_OK, sources[pod].settle(sources[pod].context, events, count));
}

static void
assert_depth(int64_t wanted)
{
	int64_t count;
	int64_t oldest_ms;

	assert_err(ERR_OK, sources[0].depth(sources[0].context, &count, &oldest_ms));
	assert_int_equal(count, wanted);
	assert_true(oldest_ms >= 0);
	if (wanted == 0)
		assert_int_equal(oldest_ms, 0);
}

static void
test_what_is_confirmed_is_forgotten(void **state)
{
	struct outbox_event events[10];

	(void)state;
	assert_int_equal(fetch(0, events, 10), 0);
	(void)rig_lamp(1);
	(void)rig_lamp(1);
	assert_depth(2);
	assert_int_equal(fetch(0, events, 10), 2);
	assert_string_equal(events[0].type, "item.created");
	assert_memory_equal(events[0].body.data, "{}", 2);
	events[0].confirmed = events[1].confirmed = true;
	settle(0, events, 2);
	assert_depth(0);
	assert_int_equal(fetch(0, events, 10), 0);
}

static bool
is_watched(const struct id *item)
{
	auto_bson bson_t *found = rig_find(rig.shop.items.items, item);

	return mongo_has(found, "relay");
}

/* A relay looks at nothing that has no more to tell, even after it died between its two writes. */
static void
test_what_is_told_is_no_longer_looked_at(void **state)
{
	const struct id lamp = rig_lamp(1);
	auto_bson bson_t *all = bson_new();
	auto_bson bson_t *due = BCON_NEW("$set", "{", "relay.due", BCON_DATE_TIME(now_ms), "}");
	struct outbox_event events[10];
	int64_t matched;

	(void)state;
	assert_true(is_watched(&lamp));
	assert_int_equal(fetch(0, events, 10), 1);
	events[0].confirmed = true;
	settle(0, events, 1);
	assert_false(is_watched(&lamp));
	assert_err(ERR_OK,
	    mongo_update_many(rig.shop.items.items, &rig.deadline, MONGO_FAST, all, due, &matched));
	assert_true(is_watched(&lamp));
	assert_int_equal(fetch(0, events, 10), 0);
	assert_false(is_watched(&lamp));
}

/* An event that comes while the others are being published is not forgotten with them. */
static void
test_an_event_that_comes_meanwhile(void **state)
{
	const struct id lamp = rig_lamp(1);
	struct outbox_event events[10];
	struct item item;

	(void)state;
	assert_int_equal(fetch(0, events, 10), 1);
	assert_err(ERR_OK, item_store_get(&rig.shop.items, &rig.deadline, rig.arena, &lamp, &item));
	item_archive(&item, rig.now_ms, &item);
	rig_write_item(&item, "item.deleted");
	events[0].confirmed = true;
	settle(0, events, 1);
	assert_true(is_watched(&lamp));
	assert_int_equal(fetch(0, events, 10), 1);
	assert_string_equal(events[0].type, "item.deleted");
}

static void
test_two_pods_take_different_events(void **state)
{
	struct outbox_event first[1];
	struct outbox_event second[10];

	(void)state;
	(void)rig_lamp(1);
	(void)rig_lamp(1);
	(void)rig_lamp(1);
	assert_int_equal(fetch(0, first, 1), 1);
	assert_int_equal(fetch(1, second, 10), 2);
	for (int i = 0; i < 2; i++)
		assert_false(id_equal(&first[0].id, &second[i].id));
	assert_int_equal(fetch(1, second, 10), 0);
	/* One pod dies: its lease runs out. */
	now_ms += 60000;
	assert_int_equal(fetch(1, second, 10), 3);
}

static void
test_what_is_not_confirmed_comes_again_after_others(void **state)
{
	struct outbox_event events[10];
	struct id kept;

	(void)state;
	(void)rig_lamp(1);
	(void)rig_lamp(1);
	assert_int_equal(fetch(0, events, 10), 2);
	events[0].confirmed = true;
	events[1].confirmed = false;
	kept = events[1].id;
	settle(0, events, 2);
	assert_depth(1);
	assert_int_equal(fetch(0, events, 10), 0); /* others go first */
	now_ms += 10000;
	assert_int_equal(fetch(0, events, 10), 1);
	assert_true(id_equal(&events[0].id, &kept));
}

/* The events of one item stay in order and together; what finds no room is not lost. */
static void
test_an_item_with_many_events(void **state)
{
	const struct id lamp = rig_lamp(1);
	struct outbox_event out[10];
	struct item item;

	(void)state;
	assert_err(ERR_OK, item_store_get(&rig.shop.items, &rig.deadline, rig.arena, &lamp, &item));
	for (int i = 0; i < 2; i++) {
		item.version++;
		rig_write_item(&item, "item.updated");
	}
	(void)rig_lamp(1);
	assert_int_equal(fetch(0, out, 2), 2);
	assert_string_equal(out[0].type, "item.created");
	assert_string_equal(out[1].type, "item.updated");
	out[0].confirmed = out[1].confirmed = true;
	settle(0, out, 2);
	assert_depth(2);
	assert_int_equal(fetch(0, out, 10), 2);
	out[0].confirmed = out[1].confirmed = true;
	settle(0, out, 2);
	assert_depth(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_what_is_confirmed_is_forgotten, empty),
	    cmocka_unit_test_setup(test_what_is_told_is_no_longer_looked_at, empty),
	    cmocka_unit_test_setup(test_an_event_that_comes_meanwhile, empty),
	    cmocka_unit_test_setup(test_two_pods_take_different_events, empty),
	    cmocka_unit_test_setup(test_what_is_not_confirmed_comes_again_after_others, empty),
	    cmocka_unit_test_setup(test_an_item_with_many_events, empty),
	};

	return cmocka_run_group_tests(tests, start, end);
}

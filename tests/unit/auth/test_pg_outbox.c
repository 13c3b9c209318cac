#include <sys/eventfd.h>

#include "tests/unit/auth/auth_rig.h"

#include "shared/infra/pg_outbox.h"

static struct pg_outbox *store;
static struct outbox_source source;
static struct outbox_event events[10];
static size_t count;

static int
setup(void **state)
{
	(void)rig_call(state);
	(void)sql("TRUNCATE outbox");
	if (pg_outbox_new(rig.database.url, "auth_outbox", &clock_system, &store) != ERR_OK)
		return -1;
	source = pg_outbox_source(store);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pg_outbox_free(&store);
	pg_outbox_free(&store);
	return 0;
}

static struct id
write_event(const char *type)
{
	struct id id = fresh_id();

	(void)sql("INSERT INTO outbox (id, type, traceparent, body, created_at)"
		  " VALUES ('%s', '%s', NULL, '{\"x\": \"%s\"}', now() - interval '90 seconds')",
	    id.text, type, type);
	return id;
}

static void
fetch(const struct outbox_source *from, size_t max)
{
	count = 99;
	assert_err(ERR_OK, from->fetch(from->context, rig.call.arena, events, max, &count));
}

static void
settle(void)
{
	assert_err(ERR_OK, source.settle(source.context, events, count));
}

static void
test_oldest_first_and_byte_for_byte(void **state)
{
	struct id first = write_event("a");
	struct id second = write_event("b");

	(void)state;
	(void)write_event("c");
	fetch(&source, 2);
	assert_int_equal(count, 2);
	assert_true(id_equal(&events[0].id, &first));
	assert_true(id_equal(&events[1].id, &second));
	assert_string_equal(events[0].type, "a");
	assert_null(events[0].traceparent);
	assert_int_equal(events[0].body.len, strlen("{\"x\": \"a\"}"));
	assert_memory_equal(events[0].body.data, "{\"x\": \"a\"}", events[0].body.len);
	settle();
}

static void
test_only_the_confirmed_are_forgotten(void **state)
{
	(void)state;
	(void)write_event("a");
	(void)write_event("b");
	(void)write_event("c");
	fetch(&source, 10);
	assert_int_equal(count, 3);
	events[0].confirmed = events[2].confirmed = true;
	settle();
	assert_string_equal(sql("SELECT string_agg(type, '') FROM outbox"), "b");
	fetch(&source, 10);
	assert_int_equal(count, 1);
	events[0].confirmed = false;
	settle();
	assert_string_equal(sql("SELECT count(*) FROM outbox"), "1");
}

static void
test_relays_side_by_side_take_different_ones(void **state)
{
	struct pg_outbox *beside = NULL;
	struct outbox_source other;

	(void)state;
	(void)write_event("a");
	(void)write_event("b");
	assert_err(ERR_OK, pg_outbox_new(rig.database.url, "auth_outbox", &clock_system, &beside));
	other = pg_outbox_source(beside);
	fetch(&source, 1);
	assert_string_equal(events[0].type, "a");
	fetch(&other, 10);
	assert_int_equal(count, 1);
	assert_string_equal(events[0].type, "b");
	/* The other one dies: what it held is there again. */
	pg_outbox_free(&beside);
	count = 1;
	events[0].confirmed = false;
	settle();
	while (*sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'") !=
	    '0')
		continue;
	fetch(&source, 10);
	assert_int_equal(count, 2);
	settle();
}

static void
test_an_empty_box_holds_no_transaction(void **state)
{
	(void)state;
	fetch(&source, 10);
	assert_int_equal(count, 0);
	assert_string_equal(
	    sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"), "0");
	/* So that it can listen. */
	assert_err(ERR_OK, source.wait(source.context, 0, -1));
}

static void
test_an_event_wakes_the_relay(void **state)
{
	(void)state;
	assert_err(ERR_OK, source.wait(source.context, 0, -1));
	(void)write_event("a");
	assert_err(ERR_OK, source.wait(source.context, 600000, -1));
	fetch(&source, 10);
	assert_int_equal(count, 1);
	settle();
}

static void
test_a_stop_wakes_the_relay(void **state)
{
	int fd = eventfd(1, EFD_CLOEXEC);

	(void)state;
	assert_err(ERR_OK, source.wait(source.context, 0, -1));
	assert_err(ERR_OK, source.wait(source.context, 600000, fd));
	assert_int_equal(close(fd), 0);
}

static void
test_depth(void **state)
{
	int64_t events_there = -1;
	int64_t oldest_ms = -1;

	(void)state;
	assert_err(ERR_OK, source.depth(source.context, &events_there, &oldest_ms));
	assert_int_equal(events_there, 0);
	assert_int_equal(oldest_ms, 0);
	(void)write_event("a");
	(void)write_event("b");
	assert_err(ERR_OK, source.depth(source.context, &events_there, &oldest_ms));
	assert_int_equal(events_there, 2);
	assert_true(oldest_ms >= 90000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(test_oldest_first_and_byte_for_byte),
	    TEST(test_only_the_confirmed_are_forgotten),
	    TEST(test_relays_side_by_side_take_different_ones),
	    TEST(test_an_empty_box_holds_no_transaction),
	    TEST(test_an_event_wakes_the_relay),
	    TEST(test_a_stop_wakes_the_relay),
	    TEST(test_depth),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}

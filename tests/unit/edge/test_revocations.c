#include <string.h>

#include "tests/unit/unit.h"

#include "shared/base/arena.h"
#include "shared/base/check.h"
#include "shared/edge/revocations.h"

#define AT(time)             ",\"at\":\"2027-01-15T" time "Z\"}"
#define SID(n)               "0190a1b2-0000-7000-8000-00000000000" n
#define ENDED(n, time)       "{\"sid\":\"" SID(n) "\"" AT(time)
#define LIST(sessions, time) "{\"sessions\":[" sessions "],\"now\":\"2027-01-15T" time "Z\"}"

static struct revocations *revocations;

static enum err
merge(const char *json, size_t *added)
{
	int64_t now_ms;

	return revocations_merge(revocations, span_of(json, strlen(json)), added, &now_ms);
}

static void
assert_merged(const char *json, size_t wanted)
{
	size_t added = 99;

	assert_err(ERR_OK, merge(json, &added));
	assert_int_equal(added, wanted);
}

static bool
ended(const char *sid)
{
	struct id id;

	check(id_parse(sid, &id) == ERR_OK);
	return revocations_contain(revocations, &id);
}

static void
nobody_ended_at_first(void **state)
{
	(void)state;
	assert_false(ended(SID("1")));
	assert_int_equal(revocations_count(revocations), 0);
}

static void
lists_add_up(void **state)
{
	(void)state;
	assert_merged(LIST(ENDED("5", "07:59:00") "," ENDED("2", "07:58:00"), "08:00:00"), 2);
	assert_merged(LIST("", "08:00:02"), 0);
	assert_merged(LIST(ENDED("2", "07:58:00") "," ENDED("1", "08:00:03"), "08:00:04"), 1);
	assert_true(ended(SID("1")));
	assert_true(ended(SID("2")));
	assert_true(ended(SID("5")));
	assert_false(ended(SID("3")));
	assert_int_equal(revocations_count(revocations), 3);
}

static void
what_ended_long_ago_is_forgotten(void **state)
{
	(void)state;
	assert_merged(LIST(ENDED("1", "07:00:00") "," ENDED("2", "07:30:00"), "08:00:00"), 2);
	assert_merged(LIST("", "08:00:00.001"), 0);
	assert_false(ended(SID("1")));
	assert_true(ended(SID("2")));
}

static void
the_answer_s_time_is_auth_s(void **state)
{
	const char *json = LIST("", "08:00:00.123");
	int64_t now_ms = 0;
	size_t added;

	(void)state;
	assert_err(
	    ERR_OK, revocations_merge(revocations, span_of(json, strlen(json)), &added, &now_ms));
	assert_int_equal(now_ms, INT64_C(1800000000123));
}

static void
what_is_no_list_changes_nothing(void **state)
{
	static const char *const texts[] = {
	    "",
	    "[]",
	    "{}",
	    "{\"sessions\":[]}",
	    "{\"sessions\":{},\"now\":\"2027-01-15T08:00:00Z\"}",
	    "{\"sessions\":[],\"now\":1}",
	    "{\"sessions\":[],\"now\":\"today\"}",
	    LIST("7", "08:00:00"),
	    LIST("{\"sid\":\"" SID("3") "\"}", "08:00:00"),
	    LIST("{\"sid\":\"me\"" AT("08:00:00"), "08:00:00"),
	    LIST(ENDED("3", "08:00:00") ",{\"sid\":\"" SID("4") "\",\"at\":\"now\"}", "08:00:00"),
	};
	size_t added;

	(void)state;
	assert_merged(LIST(ENDED("1", "07:59:00"), "08:00:00"), 1);
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		assert_err(ERR_MALFORMED, merge(texts[i], &added));
	assert_true(ended(SID("1")));
	assert_int_equal(revocations_count(revocations), 1);
}

static int
set_up(void **state)
{
	(void)state;
	return revocations_new(&revocations) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	revocations_free(&revocations);
	revocations_free(&revocations);
	return 0;
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH(nobody_ended_at_first),
	    EACH(lists_add_up),
	    EACH(what_ended_long_ago_is_forgotten),
	    EACH(the_answer_s_time_is_auth_s),
	    EACH(what_is_no_list_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

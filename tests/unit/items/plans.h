/*
 * tests/unit/items/plans: how the server goes about a look at the items.
 */
#ifndef TESTS_UNIT_ITEMS_PLANS_H
#define TESTS_UNIT_ITEMS_PLANS_H

#include "tests/unit/items/shop_rig.h"

static bool
is_explained(void)
{
	/* secantusd-py has no plans to read, and is slow. */
	return system("command -v mongod >/dev/null || command -v secantusd-rs >/dev/null") == 0;
}

/* The server looks at a range of an index: it neither scans nor sorts. */
static void
assert_plan(const struct mongo_find *find)
{
	auto_bson bson_t *query = BCON_NEW("find", BCON_UTF8(ITEMS_COLLECTION), "filter",
	    BCON_DOCUMENT(find->filter), "limit", BCON_INT64(find->limit));
	auto_bson bson_t *command = NULL;
	bson_error_t error;
	bson_t reply;
	char *plan;

	assert_null(find->sort);
	assert_int_equal(find->skip, 0);
	command = BCON_NEW("explain", BCON_DOCUMENT(query), "verbosity", "queryPlanner");
	assert_true(
	    mongoc_database_command_simple(rig.mongo.database, command, NULL, &reply, &error));
	plan = bson_as_relaxed_extended_json(&reply, NULL);
	if (strstr(plan, "COLLSCAN") != NULL || strstr(plan, "\"SORT\"") != NULL ||
	    (strstr(plan, "IXSCAN") == NULL && strstr(plan, "IDHACK") == NULL))
		fail_msg("not by an index: %s", plan);
	bson_free(plan);
	bson_destroy(&reply);
}

#endif

/*
 * tests/unit/edge/object: a JSON object to read things from, over the rig.
 */
#ifndef TESTS_UNIT_EDGE_OBJECT_H
#define TESTS_UNIT_EDGE_OBJECT_H

#include "tests/unit/edge/rig.h"

#include "shared/edge/json_read.h"

static struct json_object in;

static void
begin(const char *body)
{
	rig_forget();
	assert_err(ERR_OK, json_begin(&in, rig.arena, span_of(body, strlen(body)), &rig.rq.fault));
}

/* Ends the object; its faults must be those. */
static void
assert_faults(const char *faults)
{
	assert_err(*faults == '\0' ? ERR_OK : ERR_VALIDATION, json_end(&in));
	assert_string_equal(rig_faults(), faults);
}

#endif

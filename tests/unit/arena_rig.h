/*
 * tests/unit/arena_rig: an arena, for the tests of what needs nothing else.
 */
#ifndef TESTS_UNIT_ARENA_RIG_H
#define TESTS_UNIT_ARENA_RIG_H

#include "tests/unit/unit.h"

#include "shared/base/arena.h"

#define ARENA_RIG_BYTES ((size_t)8 << 20) /* its cap */

static struct arena *arena;

/* A setup, of a test or a group; the test's state is the arena. */
static int
arena_start(void **state)
{
	if (arena_new(ARENA_RIG_BYTES, &arena) != ERR_OK)
		return -1;
	*state = arena;
	return 0;
}

static int
arena_end(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

#endif

/*
 * tests/unit/unit: what every unit test includes first.  cmocka wants these headers before its own.
 */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/base/err.h"
#include "shared/base/macros.h"

/* A failure names both values: "ERR_STOCK" != "ERR_OK". */
#define assert_err(expected, expression)                                                           \
	assert_string_equal(err_name(expression), err_name(expected))

#endif

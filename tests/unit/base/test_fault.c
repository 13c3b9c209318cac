#include <stdio.h>

#include "tests/unit/arena_rig.h"

#include "shared/base/fault.h"

static void
a_fault_begins_empty(void **state)
{
	struct fault fault;

	fault_init(&fault, *state);
	assert_null(fault.detail);
	assert_null(fault.first);
	assert_int_equal(fault.retry_after_s, 0);
	assert_false(fault.has_available);
	assert_false(fault.has_price);
	assert_err(ERR_OK, fault_check_fields(&fault));
}

static void
a_sentence_is_kept_and_the_error_returned(void **state)
{
	struct fault fault;

	fault_init(&fault, *state);
	assert_err(ERR_STOCK, fault_set(&fault, ERR_STOCK, "%d left", 3));
	assert_string_equal(fault.detail, "3 left");
	assert_err(ERR_OK, fault_check_fields(&fault));
}

static void
fields_are_kept_in_the_order_found(void **state)
{
	struct fault fault;
	char where[] = "/price";

	fault_init(&fault, *state);
	assert_err(ERR_VALIDATION,
	    fault_field(&fault, FIELD_IN_BODY, where, FIELD_REQUIRED, "is %s", "required"));
	where[1] = 'X'; /* the fault has its own copy */
	assert_err(ERR_VALIDATION,
	    fault_field(&fault, FIELD_IN_QUERY, "limit", FIELD_OUT_OF_RANGE, "1 to %d", 100));
	assert_err(ERR_VALIDATION, fault_check_fields(&fault));
	assert_int_equal(fault.field_count, 2);

	assert_int_equal(fault.first->place, FIELD_IN_BODY);
	assert_string_equal(fault.first->where, "/price");
	assert_string_equal(fault.first->detail, "is required");
	assert_string_equal(field_code_text(fault.first->code), "required");
	assert_ptr_equal(fault.first->next, fault.last);
	assert_int_equal(fault.last->place, FIELD_IN_QUERY);
	assert_string_equal(field_code_text(fault.last->code), "out_of_range");
	assert_null(fault.last->next);
}

static void
only_the_first_hundred_fields_are_listed(void **state)
{
	struct fault fault;
	size_t listed = 0;
	char where[16];

	fault_init(&fault, *state);
	for (int i = 0; i < FAULT_FIELDS_MAX + 50; i++) {
		(void)snprintf(where, sizeof(where), "/%d", i);
		(void)fault_field(&fault, FIELD_IN_BODY, where, FIELD_UNKNOWN, "unknown");
	}
	for (const struct field_fault *field = fault.first; field != NULL; field = field->next)
		listed++;
	assert_int_equal(listed, FAULT_FIELDS_MAX);
	assert_string_equal(fault.last->where, "/99");
	assert_int_equal(fault.field_count, FAULT_FIELDS_MAX + 50);
	assert_err(ERR_VALIDATION, fault_check_fields(&fault));
}

static void
with_no_memory_left_the_request_is_still_refused(void **state)
{
	struct fault fault;

	fault_init(&fault, *state);
	assert_null(arena_alloc(*state, ARENA_RIG_BYTES + 1));
	assert_err(ERR_FORBIDDEN, fault_set(&fault, ERR_FORBIDDEN, "not yours"));
	assert_null(fault.detail);
	assert_err(ERR_VALIDATION,
	    fault_field(&fault, FIELD_IN_BODY, "/name", FIELD_TOO_LONG, "too long"));
	assert_null(fault.first);
	assert_err(ERR_VALIDATION, fault_check_fields(&fault));
}

int
main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, arena_start, arena_end)
	const struct CMUnitTest tests[] = {
	    test(a_fault_begins_empty),
	    test(a_sentence_is_kept_and_the_error_returned),
	    test(fields_are_kept_in_the_order_found),
	    test(only_the_first_hundred_fields_are_listed),
	    test(with_no_memory_left_the_request_is_still_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

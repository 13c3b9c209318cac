#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "shared/base/arena.h"

#define CAP ((size_t)1024 * 1024)

static int
make_arena(void **state)
{
	struct arena *arena;

	if (arena_new(CAP, &arena) != ERR_OK)
		return -1;
	*state = arena;
	return 0;
}

static int
drop_arena(void **state)
{
	struct arena *arena = *state;

	arena_free(&arena);
	return arena == NULL ? 0 : -1;
}

static void
memory_is_zeroed_and_aligned(void **state)
{
	struct arena *arena = *state;

	for (size_t size = 1; size < 200; size++) {
		unsigned char *piece = arena_alloc(arena, size);

		assert_non_null(piece);
		assert_int_equal((uintptr_t)piece % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(piece[i], 0);
		memset(piece, 0xAA, size);
		assert_non_null(arena_strdup(arena, "odd")); /* leaves the next piece unaligned */
	}
}

static void
memory_is_zeroed_again_after_a_reset(void **state)
{
	struct arena *arena = *state;
	unsigned char *piece;

	for (int round = 0; round < 3; round++) {
		piece = arena_alloc(arena, 1000);
		assert_non_null(piece);
		for (size_t i = 0; i < 1000; i++)
			assert_int_equal(piece[i], 0);
		memset(piece, 0xAA, 1000);
		arena_reset(arena);
		assert_int_equal(arena_used_bytes(arena), 0);
	}
}

static void
pieces_do_not_overlap_over_many_blocks(void **state)
{
	struct arena *arena = *state;
	unsigned char *pieces[500];

	for (size_t i = 0; i < 500; i++) {
		pieces[i] = arena_alloc(arena, 1 + i * 3);
		assert_non_null(pieces[i]);
		memset(pieces[i], (int)(i % 251), 1 + i * 3);
	}
	for (size_t i = 0; i < 500; i++)
		for (size_t j = 0; j < 1 + i * 3; j++)
			assert_int_equal(pieces[i][j], i % 251);
}

static void
a_piece_larger_than_any_block_fits_up_to_the_cap(void **state)
{
	struct arena *arena = *state;
	unsigned char *small = arena_alloc(arena, 16);
	unsigned char *large = arena_alloc(arena, CAP - 64);
	unsigned char *after = arena_alloc(arena, 16);

	assert_non_null(small);
	assert_non_null(large);
	assert_non_null(after);
	large[CAP - 65] = 1;
	assert_int_equal(*after, 0);
}

static void
the_whole_cap_is_handed_out_and_no_byte_more(void **state)
{
	struct arena *arena = NULL;

	(void)state;
	assert_err(ERR_OK, arena_new(100, &arena));
	assert_non_null(arena_alloc(arena, 100));
	assert_int_equal(arena_used_bytes(arena), 100);
	assert_false(arena_overflowed(arena));
	assert_null(arena_alloc(arena, 1));
	assert_true(arena_overflowed(arena));
	arena_free(&arena);
}

static void
an_overflow_stays_until_the_reset(void **state)
{
	struct arena *arena = *state;

	assert_null(arena_alloc(arena, CAP + 1));
	assert_true(arena_overflowed(arena));
	assert_null(arena_alloc(arena, 1));
	assert_null(arena_strdup(arena, ""));
	assert_null(arena_printf(arena, "%d", 1));
	arena_reset(arena);
	assert_false(arena_overflowed(arena));
	assert_non_null(arena_alloc(arena, 1));
}

static void
a_cap_holds_for_many_small_pieces(void **state)
{
	struct arena *arena = *state;
	size_t count = 0;

	while (arena_alloc(arena, 1) != NULL)
		count++;
	assert_in_range(count, 1, CAP / 8); /* the padding between them counts */
	assert_true(arena_used_bytes(arena) <= CAP);
}

static void
a_product_that_wraps_is_refused(void **state)
{
	struct arena *arena = *state;

	assert_non_null(arena_array(arena, 10, 10));
	assert_null(arena_array(arena, SIZE_MAX / 2 + 1, 2));
	assert_true(arena_overflowed(arena));
}

static void
no_elements_and_no_bytes_are_a_piece_too(void **state)
{
	struct arena *arena = *state;

	assert_non_null(arena_alloc(arena, 0));
	assert_non_null(arena_array(arena, 0, 8));
	assert_string_equal(arena_memdup(arena, NULL, 0), "");
	assert_false(arena_overflowed(arena));
}

static void
copies_end_in_a_nul(void **state)
{
	struct arena *arena = *state;
	const char bytes[] = {'a', '\0', 'b'};
	char *copy = arena_memdup(arena, bytes, sizeof(bytes));

	assert_memory_equal(copy, "a\0b", 4);
	assert_string_equal(arena_strdup(arena, "Zürich"), "Zürich");
}

static void
texts_are_formatted_short_and_long(void **state)
{
	struct arena *arena = *state;
	char expected[2001];

	assert_string_equal(arena_printf(arena, "%s-%d", "a", 7), "a-7");
	for (int width = 250; width < 260; width++) {
		(void)snprintf(expected, sizeof(expected), "%0*d", width, 7);
		assert_string_equal(arena_printf(arena, "%0*d", width, 7), expected);
	}
	(void)snprintf(expected, sizeof(expected), "%02000d", 7);
	assert_string_equal(arena_printf(arena, "%02000d", 7), expected);
}

static char journal[16];

static void
write_down(void *name)
{
	const char *text = name;
	size_t len = strlen(journal);

	journal[len] = *text;
	journal[len + 1] = '\0';
}

static char object_a[] = "a", object_b[] = "b", object_c[] = "c";

static void
destructors_run_once_and_newest_first(void **state)
{
	struct arena *arena = *state;

	journal[0] = '\0';
	assert_err(ERR_OK, arena_defer(arena, write_down, object_a));
	assert_err(ERR_OK, arena_defer(arena, write_down, object_b));
	assert_err(ERR_OK, arena_defer(arena, write_down, object_c));
	assert_string_equal(journal, "");
	arena_reset(arena);
	assert_string_equal(journal, "cba");
	arena_reset(arena);
	assert_string_equal(journal, "cba");
}

static void
freeing_runs_destructors_and_may_happen_twice(void **state)
{
	struct arena *arena = NULL;

	(void)state;
	journal[0] = '\0';
	assert_err(ERR_OK, arena_new(CAP, &arena));
	assert_err(ERR_OK, arena_defer(arena, write_down, object_a));
	arena_free(&arena);
	assert_null(arena);
	arena_free(&arena);
	assert_string_equal(journal, "a");
}

static void
an_object_that_cannot_be_tied_is_destroyed_at_once(void **state)
{
	struct arena *arena = *state;

	journal[0] = '\0';
	assert_err(ERR_OK, arena_defer(arena, write_down, object_a));
	assert_null(arena_alloc(arena, CAP));
	assert_err(ERR_MEMORY, arena_defer(arena, write_down, object_b));
	assert_string_equal(journal, "b");
	arena_reset(arena);
	assert_string_equal(journal, "ba");
}

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>

static void
the_sanitizer_sees_a_piece_end_and_a_reset(void **state)
{
	struct arena *arena = *state;
	char *piece = arena_alloc(arena, 24);
	char *text = arena_strdup(arena, "abc");

	assert_false(__asan_address_is_poisoned(piece + 23));
	assert_true(__asan_address_is_poisoned(piece + 24));
	assert_false(__asan_address_is_poisoned(text + 3));
	assert_true(__asan_address_is_poisoned(text + 4));
	arena_reset(arena);
	assert_true(__asan_address_is_poisoned(piece));
	assert_true(__asan_address_is_poisoned(text));
}
#endif

int
main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, make_arena, drop_arena)
	const struct CMUnitTest tests[] = {
	    test(memory_is_zeroed_and_aligned),
	    test(memory_is_zeroed_again_after_a_reset),
	    test(pieces_do_not_overlap_over_many_blocks),
	    test(a_piece_larger_than_any_block_fits_up_to_the_cap),
	    cmocka_unit_test(the_whole_cap_is_handed_out_and_no_byte_more),
	    test(an_overflow_stays_until_the_reset),
	    test(a_cap_holds_for_many_small_pieces),
	    test(a_product_that_wraps_is_refused),
	    test(no_elements_and_no_bytes_are_a_piece_too),
	    test(copies_end_in_a_nul),
	    test(texts_are_formatted_short_and_long),
	    test(destructors_run_once_and_newest_first),
	    cmocka_unit_test(freeing_runs_destructors_and_may_happen_twice),
	    test(an_object_that_cannot_be_tied_is_destroyed_at_once),
#ifdef __SANITIZE_ADDRESS__
	    test(the_sanitizer_sees_a_piece_end_and_a_reset),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <string.h>

#include "tests/unit/unit.h"

#include "shared/base/buf.h"

static void
bytes_are_appended_and_end_in_a_nul(void **state)
{
	auto_buf struct buf buf;

	(void)state;
	buf_init(&buf, 1000);
	assert_null(buf.data);
	buf_puts(&buf, "ab");
	buf_putc(&buf, 'c');
	buf_put(&buf, "d\0e", 3);
	buf_printf(&buf, "%d", 7);
	assert_err(ERR_OK, buf_finish(&buf));
	assert_int_equal(buf.len, 7);
	assert_memory_equal(buf.data, "abcd\0e7", 8);
}

static void
putting_nothing_makes_an_empty_text(void **state)
{
	auto_buf struct buf buf;

	(void)state;
	buf_init(&buf, 0);
	buf_put(&buf, NULL, 0);
	assert_err(ERR_OK, buf_finish(&buf));
	assert_string_equal(buf.data, "");
}

static void
it_grows_to_its_maximum_exactly(void **state)
{
	auto_buf struct buf buf;

	(void)state;
	buf_init(&buf, 1000);
	for (int i = 0; i < 1000; i++)
		buf_putc(&buf, (char)('a' + i % 26));
	assert_err(ERR_OK, buf_finish(&buf));
	assert_int_equal(buf.len, 1000);
	assert_true(buf.cap <= 1001);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(buf.data[i], 'a' + i % 26);
	buf_putc(&buf, 'x');
	assert_err(ERR_MEMORY, buf_finish(&buf));
}

static void
after_a_refused_put_nothing_more_is_taken(void **state)
{
	auto_buf struct buf buf;

	(void)state;
	buf_init(&buf, 5);
	buf_puts(&buf, "abc");
	buf_puts(&buf, "defg");
	buf_puts(&buf, "h"); /* would fit, but the text would have a hole */
	buf_printf(&buf, "%d", 1);
	assert_err(ERR_MEMORY, buf_finish(&buf));
	assert_string_equal(buf.data, "abc");
}

static void
a_length_that_would_wrap_is_refused(void **state)
{
	auto_buf struct buf buf;

	(void)state;
	buf_init(&buf, 100);
	buf_puts(&buf, "abc");
	buf_put(&buf, "x", SIZE_MAX);
	assert_err(ERR_MEMORY, buf_finish(&buf));
	assert_string_equal(buf.data, "abc");
}

static void
a_reset_forgets_bytes_and_error_but_keeps_the_memory(void **state)
{
	auto_buf struct buf buf;
	char *before;

	(void)state;
	buf_init(&buf, 5);
	buf_reset(&buf);
	buf_puts(&buf, "abc");
	before = buf.data;
	buf_puts(&buf, "defg");
	assert_err(ERR_MEMORY, buf_finish(&buf));
	buf_reset(&buf);
	assert_err(ERR_OK, buf_finish(&buf));
	assert_ptr_equal(buf.data, before);
	assert_string_equal(buf.data, "");
	buf_puts(&buf, "defgh");
	assert_string_equal(buf.data, "defgh");
}

static void
long_texts_are_formatted_whole(void **state)
{
	auto_buf struct buf buf;

	(void)state;
	buf_init(&buf, 5000);
	for (int width = 254; width < 259; width++) {
		buf_reset(&buf);
		buf_printf(&buf, "%0*d!", width, 7);
		assert_err(ERR_OK, buf_finish(&buf));
		assert_int_equal(buf.len, (size_t)width + 1);
		assert_string_equal(buf.data + buf.len - 3, "07!");
		assert_int_equal(strspn(buf.data, "0"), (size_t)width - 1);
	}
	buf_printf(&buf, "%05000d", 7);
	assert_err(ERR_MEMORY, buf_finish(&buf));
	assert_int_equal(buf.len, 259);
}

static void
teardown_may_run_twice(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 10);
	buf_puts(&buf, "abc");
	buf_fini(&buf);
	assert_null(buf.data);
	buf_fini(&buf);
	buf_puts(&buf, "x");
	assert_err(ERR_MEMORY, buf_finish(&buf));
	assert_null(buf.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_are_appended_and_end_in_a_nul),
	    cmocka_unit_test(putting_nothing_makes_an_empty_text),
	    cmocka_unit_test(it_grows_to_its_maximum_exactly),
	    cmocka_unit_test(after_a_refused_put_nothing_more_is_taken),
	    cmocka_unit_test(a_length_that_would_wrap_is_refused),
	    cmocka_unit_test(a_reset_forgets_bytes_and_error_but_keeps_the_memory),
	    cmocka_unit_test(long_texts_are_formatted_whole),
	    cmocka_unit_test(teardown_may_run_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

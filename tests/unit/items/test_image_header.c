#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "fcgi/items/image_header.h"

#define PNG_HEAD      "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"
#define RIFF_HEAD     "RIFF\x40\0\0\0WEBP"
#define SPAN(literal) span_of(literal, sizeof(literal) - 1)

/* In memory of its very length, so that a sanitizer sees every byte read too far. */
static enum err
read_copy(struct span head, size_t len, struct image_header *out)
{
	char *copy = malloc(len > 0 ? len : 1);
	enum err err;

	assert_non_null(copy);
	memcpy(copy, head.data, len);
	err = image_header_read(span_of(copy, len), out);
	free(copy);
	return err;
}

static void
assert_image(struct span head, const char *type, uint32_t width, uint32_t height)
{
	struct image_header out = {.width = 0};

	assert_err(ERR_OK, read_copy(head, head.len, &out));
	assert_string_equal(out.type, type);
	assert_int_equal(out.width, width);
	assert_int_equal(out.height, height);
	for (size_t len = 0; len < head.len; len++)
		assert_true(read_copy(head, len, &out) != ERR_OK);
}

static void
headers_tell_type_and_sides(void **state)
{
	(void)state;
	assert_image(
	    SPAN(PNG_HEAD "\0\0\x02\x80\0\0\x01\xe0\x08\x02\0\0\0crc!"), "image/png", 640, 480);
	assert_image(SPAN("\xff\xd8\xff\xe0\0\x06JFIF\xff\xff\xdb\0\x03Q"
			  "\xff\xc2\0\x08\x08\x01\xe0\x02\x80\x03"),
	    "image/jpeg", 640, 480);
	assert_image(SPAN(RIFF_HEAD "VP8 \x10\0\0\0\0\0\0\x9d\x01\x2a\x80\x02\xe0\x41"),
	    "image/webp", 640, 480);
	assert_image(
	    SPAN(RIFF_HEAD "VP8L\x10\0\0\0\x2f\x7f\xc2\x77\0abcde"), "image/webp", 640, 480);
	assert_image(
	    SPAN(RIFF_HEAD "VP8X\x0a\0\0\0\0\0\0\0\x7f\x02\0\xdf\x01\0"), "image/webp", 640, 480);
}

static void
assert_refused(enum err err, struct span head)
{
	struct image_header out;

	assert_err(err, read_copy(head, head.len, &out));
}

static void
what_is_no_image_is_refused(void **state)
{
	(void)state;
	assert_refused(ERR_MEDIA_TYPE, SPAN("GIF89a aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
	assert_refused(ERR_MEDIA_TYPE, SPAN("<svg xmlns='http://www.w3.org/2000/svg'/>"));
	assert_refused(ERR_VALIDATION, SPAN(PNG_HEAD "\0\0\0\0\0\0\x01\xe0\x08\x02\0\0\0crc!"));
	assert_refused(ERR_VALIDATION, SPAN(PNG_HEAD "\0\0\x40\x01\0\0\x01\xe0\x08\x02\0\0\0crc!"));
	assert_refused(
	    ERR_VALIDATION, SPAN(PNG_HEAD "\xff\xff\xff\xff\0\0\x01\xe0\x08\x02\0\0\0crc!"));
	assert_refused(ERR_VALIDATION, SPAN("\xff\xd8\xff\xda\0\x08\x08\x01\xe0\x02\x80\x03"));
	assert_refused(
	    ERR_VALIDATION, SPAN("\xff\xd8\xff\xe0\0\x01\xff\xc0\0\x08\x08\x01\xe0\x02\x80\x03"));
	assert_refused(ERR_VALIDATION, SPAN("\xff\xd8\xff\xff\xff\xff\xff\xff\xff\xff"));
	assert_refused(
	    ERR_VALIDATION, SPAN(RIFF_HEAD "ANIM\x0a\0\0\0\0\0\0\0\x7f\x02\0\xdf\x01\0"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(headers_tell_type_and_sides),
	    cmocka_unit_test(what_is_no_image_is_refused),
	};

	return cmocka_run_group_tests_name("items/image_header", tests, NULL, NULL);
}

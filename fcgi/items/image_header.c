#include "fcgi/items/image_header.h"

#include <stdbool.h>
#include <string.h>

static bool
has_at(struct span head, size_t at, const char *bytes, size_t len)
{
	return head.len >= at + len && memcmp(head.data + at, bytes, len) == 0;
}

static uint32_t
byte_at(struct span head, size_t at)
{
	return (unsigned char)head.data[at];
}

static uint32_t
big_16(struct span head, size_t at)
{
	return byte_at(head, at) << 8 | byte_at(head, at + 1);
}

static uint32_t
big_32(struct span head, size_t at)
{
	return big_16(head, at) << 16 | big_16(head, at + 2);
}

static uint32_t
little_16(struct span head, size_t at)
{
	return byte_at(head, at) | byte_at(head, at + 1) << 8;
}

static uint32_t
little_24(struct span head, size_t at)
{
	return little_16(head, at) | byte_at(head, at + 2) << 16;
}

/* IHDR is the first chunk, of 13 bytes. */
static enum err
read_png(struct span head, struct image_header *out)
{
	if (head.len < 33 || big_32(head, 8) != 13 || !has_at(head, 12, "IHDR", 4))
		return ERR_VALIDATION;
	*out = (struct image_header){"image/png", big_32(head, 16), big_32(head, 20)};
	return ERR_OK;
}

/* A start of frame, of any coding: 0xC0…0xCF but for tables (C4, CC) and a reserved one (C8). */
static bool
is_frame(uint32_t marker)
{
	return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 &&
	    marker != 0xCC;
}

/* Segments with their lengths, up to the frame's. */
static enum err
read_jpeg(struct span head, struct image_header *out)
{
	size_t at = 2;

	while (head.len - at >= 4 && byte_at(head, at) == 0xFF) {
		uint32_t marker = byte_at(head, at + 1);
		uint32_t length;

		if (marker == 0xFF) { /* a fill byte */
			at++;
			continue;
		}
		length = big_16(head, at + 2);
		/* A scan or the end before any frame; a marker that stands alone; a bent length. */
		if (marker < 0xC0 || (marker >= 0xD0 && marker <= 0xDA) || length < 2 ||
		    head.len - at - 2 < length)
			return ERR_VALIDATION;
		if (is_frame(marker)) {
			if (length < 8)
				return ERR_VALIDATION;
			*out = (struct image_header){
			    "image/jpeg", big_16(head, at + 7), big_16(head, at + 5)};
			return ERR_OK;
		}
		at += 2 + (size_t)length;
	}
	return ERR_VALIDATION;
}

/* RIFF, WEBP, then a chunk of one of three kinds. */
static enum err
read_webp(struct span head, struct image_header *out)
{
	uint32_t width, height;

	if (head.len < 30)
		return ERR_VALIDATION;
	if (has_at(head, 12, "VP8 ", 4) && has_at(head, 23, "\x9D\x01\x2A", 3)) {
		width = little_16(head, 26) & 0x3FFF;
		height = little_16(head, 28) & 0x3FFF;
	} else if (has_at(head, 12, "VP8L", 4) && byte_at(head, 20) == 0x2F) {
		uint32_t bits = little_16(head, 21) | little_16(head, 23) << 16;

		width = (bits & 0x3FFF) + 1;
		height = (bits >> 14 & 0x3FFF) + 1;
	} else if (has_at(head, 12, "VP8X", 4)) {
		width = little_24(head, 24) + 1;
		height = little_24(head, 27) + 1;
	} else {
		return ERR_VALIDATION;
	}
	*out = (struct image_header){"image/webp", width, height};
	return ERR_OK;
}

enum err
image_header_read(struct span head, struct image_header *out)
{
	struct image_header header;

	if (has_at(head, 0, "\x89PNG\r\n\x1A\n", 8))
		TRY(read_png(head, &header));
	else if (has_at(head, 0, "\xFF\xD8\xFF", 3))
		TRY(read_jpeg(head, &header));
	else if (has_at(head, 0, "RIFF", 4) && has_at(head, 8, "WEBP", 4))
		TRY(read_webp(head, &header));
	else
		return ERR_MEDIA_TYPE;
	if (header.width == 0 || header.height == 0 || header.width > IMAGE_SIDE_MAX ||
	    header.height > IMAGE_SIDE_MAX)
		return ERR_VALIDATION;
	*out = header;
	return ERR_OK;
}

/*
 * items/image_header: what the first bytes of an image say: its type and its dimensions.
 *
 * Layer: domain, pure.  PNG (W3C PNG §5), JPEG (ITU T.81 annex B), WebP (RFC 9649); anything else
 * is none, whatever its Content-Type says.
 */
#ifndef FCGI_ITEMS_IMAGE_HEADER_H
#define FCGI_ITEMS_IMAGE_HEADER_H

#include <stdint.h>

#include "shared/base/err.h"
#include "shared/base/str.h"

#define IMAGE_SIDE_MAX 16384 /* pixels; a decoder must not be led to allocate more */

struct image_header {
	const char *type; /* "image/png", "image/jpeg", "image/webp"; static */
	uint32_t width, height;
};

/* HEAD is the beginning of the image, as far as it is there.  ERR_MEDIA_TYPE: it is none of these;
 * ERR_VALIDATION: its header is broken, not in HEAD, or has sides of 0 or over IMAGE_SIDE_MAX. */
MUST_USE enum err image_header_read(struct span head, struct image_header *out);

#endif

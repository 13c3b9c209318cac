/* The beginning of an image, as somebody uploads it. */
#include "tests/fuzz/fuzz.h"

#include "fcgi/items/image_header.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = fuzz_arena();
	struct image_header header;

	if (image_header_read(span_of(fuzz_bytes(arena, data, size), size), &header) != ERR_OK)
		return 0;
	check(strncmp(header.type, "image/", 6) == 0);
	check(header.width > 0 && header.width <= IMAGE_SIDE_MAX);
	check(header.height > 0 && header.height <= IMAGE_SIDE_MAX);
	return 0;
}

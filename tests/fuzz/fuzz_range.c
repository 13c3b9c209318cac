/* The Range header, of something as long as the first line says. */
#include "tests/fuzz/fuzz.h"

#include "shared/base/num.h"
#include "shared/edge/range.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = fuzz_arena();
	struct byte_range range = {-1, -1};
	int64_t length = 1000;

	if (num_parse_i64(fuzz_line(arena, &data, &size), 1, INT64_MAX, &length) != ERR_OK)
		length = 1000;
	if (range_parse(fuzz_text(arena, data, size), length, &range) == RANGE_PART)
		check(range.first >= 0 && range.first <= range.last && range.last < length);
	return 0;
}

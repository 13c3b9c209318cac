/* JSON from outside: recognised, then made a tree. */
#include "tests/fuzz/fuzz.h"

#include "shared/edge/json.h"
#include "shared/edge/json_scan.h"

#define VALUES_MAX 1000

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = fuzz_arena();
	struct span text = span_of(fuzz_bytes(arena, data, size), size);
	const struct cJSON *tree = NULL;
	struct json_scan scan;
	struct fault fault;
	int64_t number;
	enum err scanned, parsed;

	fault_init(&fault, arena);
	scanned = json_scan(text, VALUES_MAX, &scan);
	check(scanned == ERR_OK || (scan.why != NULL && scan.offset <= size));
	check(scan.nul_count <= JSON_NULS_MAX);
	parsed = json_parse_limited(arena, text, VALUES_MAX, &fault, &tree);
	/* No JSON never becomes a tree; what is some may be refused, as a member given twice. */
	check(scanned == ERR_OK || parsed != ERR_OK);
	check((parsed == ERR_OK) == (tree != NULL));
	for (const struct cJSON *value = json_first(tree); value != NULL;
	     value = json_next(value)) {
		const char *string = json_value_text(value);

		check(string == NULL || utf8_valid(string, strlen(string)));
	}
	if (json_get_int(tree, "n", &number))
		check(number <= JSON_INT_MAX && number >= -JSON_INT_MAX);
	return 0;
}

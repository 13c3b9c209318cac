/* The bodies of POST /buy/{id} and POST /order. */
#include "tests/fuzz/fuzz.h"

#include "fcgi/items/order_wire.h"

static void
check_draft(const struct order_draft *draft)
{
	check(draft->line_count >= 1 && draft->line_count <= ORDER_LINES_MAX);
	for (size_t i = 0; i < draft->line_count; i++) {
		check(draft->lines[i].quantity >= 1);
		check(draft->lines[i].quantity <= ORDER_QUANTITY_MAX);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct id item = {"01900000-0000-7000-8000-000000000001"};
	struct arena *arena = fuzz_arena();
	struct span body = span_of(fuzz_bytes(arena, data, size), size);
	struct order_draft draft;
	struct fault fault;

	fault_init(&fault, arena);
	if (order_draft_read_buy(arena, &item, body, &fault, &draft) == ERR_OK)
		check_draft(&draft);
	if (order_draft_read(arena, body, &fault, &draft) == ERR_OK)
		check_draft(&draft);
	return 0;
}

/* The body of POST and PUT /item: what is accepted is an item that the API can show. */
#include "tests/fuzz/fuzz.h"

#include "fcgi/items/item_wire.h"

static void
show(struct arena *arena, const struct item_draft *draft)
{
	const struct id id = {"01900000-0000-7000-8000-000000000001"};
	const struct cJSON *tree;
	struct json_writer w;
	struct buf buf auto_buf;
	struct item item;

	buf_init(&buf, FUZZ_ARENA_BYTES);
	item_make(draft, &id, &id, 0, &item);
	json_writer_init(&w, &buf);
	item_write(&w, NULL, &item);
	check(buf_finish(&buf) == ERR_OK);
	check(json_parse(arena, span_of(buf.data, buf.len), NULL, &tree) == ERR_OK);
	check(str_equal(json_get_text(tree, "name"), draft->name));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int need_stock = 0; need_stock < 2; need_stock++) {
		struct arena *arena = fuzz_arena();
		struct span body = span_of(fuzz_bytes(arena, data, size), size);
		struct item_draft draft;
		struct fault fault;

		fault_init(&fault, arena);
		if (item_draft_read(arena, body, need_stock == 1, &fault, &draft) == ERR_OK) {
			check(draft.has_stock || need_stock == 0);
			check(draft.price.amount_minor >= 0);
			show(arena, &draft);
		}
	}
	return 0;
}

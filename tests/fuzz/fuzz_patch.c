/* A merge patch of an item: what is accepted makes an item that the API can show. */
#include "tests/fuzz/fuzz.h"

#include "fcgi/items/item_wire.h"

static const struct text_pair attributes[] = {{"height", "24 cm"}, {"width", "9 cm"}};
static const char *const tags[] = {"brass"};

static void
show(struct arena *arena, const struct item *item)
{
	const struct cJSON *tree;
	struct json_writer w;
	struct buf buf auto_buf;

	buf_init(&buf, FUZZ_ARENA_BYTES);
	json_writer_init(&w, &buf);
	item_write(&w, NULL, item);
	check(buf_finish(&buf) == ERR_OK);
	check(json_parse(arena, span_of(buf.data, buf.len), NULL, &tree) == ERR_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct id id = {"01900000-0000-7000-8000-000000000001"};
	const struct item_draft draft = {
	    .name = "Lamp",
	    .description = "",
	    .price = {1999, "EUR"},
	    .has_stock = true,
	    .stock = 7,
	    .tags = tags,
	    .tag_count = 1,
	    .attributes = attributes,
	    .attribute_count = 2,
	};
	struct arena *arena = fuzz_arena();
	struct item_patch patch;
	struct item item, next;
	struct fault fault;

	fault_init(&fault, arena);
	item_make(&draft, &id, &id, 0, &item);
	if (item_patch_read(arena, span_of(fuzz_bytes(arena, data, size), size), &fault, &patch) !=
		ERR_OK ||
	    item_apply_patch(arena, &item, &patch, 1, &fault, &next) != ERR_OK)
		return 0;
	check(next.name != NULL && next.attribute_count <= ITEM_ATTRIBUTES_MAX);
	check(next.stock >= 0 && next.stock <= ITEM_STOCK_MAX);
	check(next.price.amount_minor >= 0 && next.price.amount_minor <= MONEY_AMOUNT_MAX);
	show(arena, &next);
	return 0;
}

#include "fcgi/items/category_store.h"

#include "shared/infra/mongo_read.h"

struct walk {
	enum err (*each)(void *context, const char *category, int64_t items);
	void *context;
};

static enum err
visit(void *context, const bson_t *document, bool *stop)
{
	const struct walk *walk = context;
	const char *category;
	int64_t items;

	(void)stop;
	TRY(mongo_get_text(document, "_id", &category));
	TRY(mongo_get_int(document, "items", &items));
	return walk->each(walk->context, category, items);
}

enum err
category_store_each(struct item_store *store, const struct deadline *deadline,
    enum err (*each)(void *context, const char *category, int64_t items), void *context)
{
	auto_bson bson_t *pipeline = BCON_NEW("0", "{", "$match", "{", "status",
	    BCON_UTF8(item_status_text(ITEM_ACTIVE)), "category", "{", "$gt", BCON_UTF8(""), "}",
	    "}", "}", "1", "{", "$group", "{", "_id", BCON_UTF8("$category"), "items", "{", "$sum",
	    BCON_INT64(1), "}", "}", "}", "2", "{", "$sort", "{", "_id", BCON_INT32(1), "}", "}");
	struct walk walk = {.each = each, .context = context};

	return mongo_aggregate_each(store->items, deadline, pipeline, visit, &walk);
}

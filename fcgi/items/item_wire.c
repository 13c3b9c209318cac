#include "fcgi/items/item_wire.h"

/* All that are there can be removed, and as many put in their place. */
#define PATCH_ATTRIBUTES_MAX ((size_t)2 * ITEM_ATTRIBUTES_MAX)

static const struct text_rule name_rule = {.min = 1, .max = ITEM_NAME_MAX};
static const struct text_rule description_rule = {
    .min = 0,
    .max = ITEM_DESCRIPTION_MAX,
    .multiline = true,
};
static const struct text_rule attribute_name_rule = {.min = 1, .max = ITEM_ATTRIBUTE_NAME_MAX};
static const struct text_rule attribute_value_rule = {.min = 0, .max = ITEM_ATTRIBUTE_VALUE_MAX};

const struct text_rule item_category_rule = {
    .min = 1,
    .max = ITEM_CATEGORY_MAX,
    .matches = item_category_valid,
    .form = "lower-case letters, digits and hyphens",
};
const struct text_rule item_tag_rule = {.min = 1, .max = ITEM_TAG_MAX};

enum err
item_draft_read(struct arena *arena, struct span body, bool need_stock, struct fault *fault,
    struct item_draft *out)
{
	struct item_draft draft = {.description = ""};
	struct json_object in;

	TRY(json_begin(&in, arena, body, fault));
	json_read_text(&in, "name", JSON_REQUIRED, &name_rule, &draft.name, NULL);
	json_read_text(
	    &in, "description", JSON_OPTIONAL, &description_rule, &draft.description, NULL);
	json_read_money(&in, "price", JSON_REQUIRED, &draft.price, NULL);
	json_read_int(&in, "stock", need_stock ? JSON_REQUIRED : JSON_OPTIONAL, 0, ITEM_STOCK_MAX,
	    &draft.stock, &draft.has_stock);
	json_read_text(&in, "category", JSON_OPTIONAL, &item_category_rule, &draft.category, NULL);
	json_read_texts(&in, "tags", JSON_OPTIONAL, ITEM_TAGS_MAX, &item_tag_rule, &draft.tags,
	    &draft.tag_count, NULL);
	json_read_pairs(&in, "attributes", JSON_OPTIONAL, ITEM_ATTRIBUTES_MAX, &attribute_name_rule,
	    &attribute_value_rule, &draft.attributes, &draft.attribute_count, NULL);
	json_read_int(&in, "low_stock_at", JSON_OPTIONAL, 0, ITEM_STOCK_MAX, &draft.low_stock_at,
	    &draft.has_low_stock_at);
	TRY(json_end(&in));
	*out = draft;
	return ERR_OK;
}

/* The members that null removes. */
static void
read_removable(struct json_object *in, struct item_patch *patch)
{
	bool present;

	patch->description = "";
	json_read_text(
	    in, "description", JSON_OPTIONAL, &description_rule, &patch->description, &present);
	patch->has_description = present || json_is_null(in, "description");
	json_read_text(
	    in, "category", JSON_OPTIONAL, &item_category_rule, &patch->category, &present);
	patch->has_category = present || json_is_null(in, "category");
	json_read_texts(in, "tags", JSON_OPTIONAL, ITEM_TAGS_MAX, &item_tag_rule, &patch->tags,
	    &patch->tag_count, &present);
	patch->has_tags = present || json_is_null(in, "tags");
	json_patch_pairs(in, "attributes", PATCH_ATTRIBUTES_MAX, &attribute_name_rule,
	    &attribute_value_rule, &patch->attributes, &patch->attribute_count, NULL);
	patch->clear_attributes = json_is_null(in, "attributes");
	json_read_int(in, "low_stock_at", JSON_OPTIONAL, 0, ITEM_STOCK_MAX, &patch->low_stock_at,
	    &patch->has_low_stock_at);
	patch->clear_low_stock_at = json_is_null(in, "low_stock_at");
}

enum err
item_patch_read(struct arena *arena, struct span body, struct fault *fault, struct item_patch *out)
{
	struct item_patch patch = {.name = NULL};
	struct json_object in;

	TRY(json_begin(&in, arena, body, fault));
	json_read_text(&in, "name", JSON_NOT_NULL, &name_rule, &patch.name, NULL);
	json_patch_money(&in, "price", &patch.price);
	json_read_int(
	    &in, "stock", JSON_NOT_NULL, 0, ITEM_STOCK_MAX, &patch.stock, &patch.has_stock);
	read_removable(&in, &patch);
	TRY(json_end(&in));
	*out = patch;
	return ERR_OK;
}

enum err
item_delta_read(struct arena *arena, struct span body, struct fault *fault, int64_t *out)
{
	struct json_object in;
	int64_t delta = 0;

	TRY(json_begin(&in, arena, body, fault));
	json_read_int(&in, "delta", JSON_REQUIRED, -ITEM_STOCK_MAX, ITEM_STOCK_MAX, &delta, NULL);
	TRY(json_end(&in));
	*out = delta;
	return ERR_OK;
}

void
item_write(struct json_writer *w, const char *key, const struct item *item)
{
	json_object_open(w, key);
	json_put_text(w, "id", item->id.text);
	json_put_text(w, "seller_id", item->seller_id.text);
	json_put_text(w, "name", item->name);
	json_put_text(w, "description", item->description);
	json_put_money(w, "price", &item->price);
	json_put_int(w, "stock", item->stock);
	json_put_text(w, "category", item->category);
	json_array_open(w, "tags");
	for (size_t i = 0; i < item->tag_count; i++)
		json_put_text(w, NULL, item->tags[i]);
	json_array_close(w);
	json_object_open(w, "attributes");
	for (size_t i = 0; i < item->attribute_count; i++)
		json_put_text(w, item->attributes[i].name, item->attributes[i].value);
	json_object_close(w);
	json_put_text(w, "image_url", item->image_url);
	if (item->has_low_stock_at)
		json_put_int(w, "low_stock_at", item->low_stock_at);
	json_put_text(w, "status", item_status_text(item->status));
	json_put_int(w, "version", item->version);
	json_put_time(w, "created_at", item->created_at_ms);
	json_put_time(w, "updated_at", item->updated_at_ms);
	json_object_close(w);
}

void
item_write_event(struct buf *buf, const struct event_head *head, const struct item *item)
{
	struct json_writer w;

	event_open(&w, buf, head);
	item_write(&w, "item", item);
	event_close(&w);
}

#include "fcgi/items/item.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/num.h"
#include "shared/base/str.h"

static const char *const status_texts[] = {
    [ITEM_ACTIVE] = "active",
    [ITEM_ARCHIVED] = "archived",
};

const char *
item_status_text(enum item_status status)
{
	return status_texts[status];
}

enum err
item_status_parse(const char *text, enum item_status *out)
{
	if (str_equal(text, status_texts[ITEM_ACTIVE]))
		*out = ITEM_ACTIVE;
	else if (str_equal(text, status_texts[ITEM_ARCHIVED]))
		*out = ITEM_ARCHIVED;
	else
		return ERR_CORRUPT;
	return ERR_OK;
}

bool
item_category_valid(const char *category)
{
	if (*category == '\0')
		return false;
	for (const char *at = category; *at != '\0'; at++)
		if (!((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') || *at == '-'))
			return false;
	return true;
}

static void
apply_draft(struct item *item, const struct item_draft *draft)
{
	item->name = draft->name;
	item->description = draft->description;
	item->price = draft->price;
	if (draft->has_stock)
		item->stock = draft->stock;
	item->category = draft->category;
	item->tags = draft->tags;
	item->tag_count = draft->tag_count;
	item->attributes = draft->attributes;
	item->attribute_count = draft->attribute_count;
	item->has_low_stock_at = draft->has_low_stock_at;
	item->low_stock_at = draft->low_stock_at;
}

void
item_make(const struct item_draft *draft, const struct id *id, const struct id *seller,
    int64_t now_ms, struct item *out)
{
	*out = (struct item){
	    .id = *id,
	    .seller_id = *seller,
	    .status = ITEM_ACTIVE,
	    .version = 1,
	    .created_at_ms = now_ms,
	    .updated_at_ms = now_ms,
	};
	apply_draft(out, draft);
}

/* Clocks of two pods may differ: an item's time never runs backwards. */
static int64_t
later_ms(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void
item_next(const struct item *item, int64_t now_ms, struct item *out)
{
	*out = *item;
	out->version = item->version + 1;
	out->updated_at_ms = later_ms(now_ms, item->updated_at_ms);
}

void
item_replace(
    const struct item *item, const struct item_draft *draft, int64_t now_ms, struct item *out)
{
	item_next(item, now_ms, out);
	apply_draft(out, draft);
}

static bool
names_pair(const struct text_pair *pairs, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal(pairs[i].name, name))
			return true;
	return false;
}

/* What the patch does not name stays where it was; what it names follows, unless it is removed. */
static enum err
merge_attributes(
    struct arena *arena, const struct item_patch *patch, struct fault *fault, struct item *item)
{
	size_t before = patch->clear_attributes ? 0 : item->attribute_count;
	struct text_pair *merged =
	    arena_array(arena, before + patch->attribute_count, sizeof(*merged));
	size_t count = 0;

	TRY_ALLOC(merged);
	for (size_t i = 0; i < before; i++)
		if (!names_pair(
			patch->attributes, patch->attribute_count, item->attributes[i].name))
			merged[count++] = item->attributes[i];
	for (size_t i = 0; i < patch->attribute_count; i++)
		if (patch->attributes[i].value != NULL)
			merged[count++] = patch->attributes[i];
	if (count > ITEM_ATTRIBUTES_MAX)
		return fault_field(fault, FIELD_IN_BODY, "/attributes", FIELD_TOO_LONG,
		    "At most %d of them, with those that are there.", ITEM_ATTRIBUTES_MAX);
	item->attributes = merged;
	item->attribute_count = count;
	return ERR_OK;
}

enum err
item_apply_patch(struct arena *arena, const struct item *item, const struct item_patch *patch,
    int64_t now_ms, struct fault *fault, struct item *out)
{
	struct item next;

	item_next(item, now_ms, &next);
	if (patch->name != NULL)
		next.name = patch->name;
	if (patch->has_description)
		next.description = patch->description;
	if (patch->has_category)
		next.category = patch->category;
	if (patch->has_stock)
		next.stock = patch->stock;
	if (patch->price.has_amount)
		next.price.amount_minor = patch->price.money.amount_minor;
	if (patch->price.has_currency)
		memcpy(
		    next.price.currency, patch->price.money.currency, sizeof(next.price.currency));
	if (patch->has_tags) {
		next.tags = patch->tags;
		next.tag_count = patch->tag_count;
	}
	if (patch->has_low_stock_at || patch->clear_low_stock_at) {
		next.has_low_stock_at = patch->has_low_stock_at;
		next.low_stock_at = patch->low_stock_at;
	}
	TRY(merge_attributes(arena, patch, fault, &next));
	*out = next;
	return ERR_OK;
}

enum err
item_add_stock(
    const struct item *item, int64_t delta, int64_t now_ms, struct fault *fault, struct item *out)
{
	int64_t stock;

	if (!num_add_i64(item->stock, delta, &stock) || stock > ITEM_STOCK_MAX)
		return fault_field(fault, FIELD_IN_BODY, "/delta", FIELD_OUT_OF_RANGE,
		    "An item has at most %" PRId64 " units.", ITEM_STOCK_MAX);
	if (stock < 0) {
		fault->has_available = true;
		fault->available = item->stock;
		return fault_set(fault, ERR_STOCK,
		    "The item has %" PRId64 "; no more can be taken away.", item->stock);
	}
	item_next(item, now_ms, out);
	out->stock = stock;
	return ERR_OK;
}

enum err
item_set_image(struct arena *arena, const struct item *item, const struct item_image *image,
    int64_t now_ms, struct item *out)
{
	struct item next;

	item_next(item, now_ms, &next);
	next.image = *image;
	next.image_url = NULL;
	if (image->present) {
		next.image_url =
		    arena_printf(arena, "/item/%s/image?v=%.16s", item->id.text, image->hash);
		TRY_ALLOC(next.image_url);
	}
	*out = next;
	return ERR_OK;
}

void
item_archive(const struct item *item, int64_t now_ms, struct item *out)
{
	item_next(item, now_ms, out);
	out->status = ITEM_ARCHIVED;
	out->image = (struct item_image){.present = false};
	out->image_url = NULL;
}

int64_t
item_low_stock_bound(const struct item *item, int64_t default_at)
{
	return item->has_low_stock_at ? item->low_stock_at : default_at;
}

bool
item_crosses_low_stock(const struct item *before, const struct item *after, int64_t default_at)
{
	return before->stock + before->reserved > item_low_stock_bound(before, default_at) &&
	    after->stock + after->reserved <= item_low_stock_bound(after, default_at);
}

enum err
item_check_editor(const struct item *item, const struct principal *principal, struct fault *fault)
{
	if (id_equal(&item->seller_id, &principal->user_id) || principal_is_admin(principal))
		return ERR_OK;
	return fault_set(fault, ERR_FORBIDDEN, "Only the item's seller may change it.");
}

void
item_etag(const struct item *item, char out[ITEM_ETAG_SIZE])
{
	(void)snprintf(out, ITEM_ETAG_SIZE, "\"%" PRId64 "\"", item->version);
}

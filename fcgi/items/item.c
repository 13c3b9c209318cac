#include "fcgi/items/item.h"

#include <inttypes.h>
#include <stdio.h>

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
item_replace(
    const struct item *item, const struct item_draft *draft, int64_t now_ms, struct item *out)
{
	*out = *item;
	apply_draft(out, draft);
	out->version = item->version + 1;
	out->updated_at_ms = later_ms(now_ms, item->updated_at_ms);
}

void
item_archive(const struct item *item, int64_t now_ms, struct item *out)
{
	*out = *item;
	out->status = ITEM_ARCHIVED;
	out->version = item->version + 1;
	out->updated_at_ms = later_ms(now_ms, item->updated_at_ms);
}

enum err
item_check_editor(const struct item *item, const struct principal *principal)
{
	if (id_equal(&item->seller_id, &principal->user_id) || principal_is_admin(principal))
		return ERR_OK;
	return ERR_FORBIDDEN;
}

void
item_etag(const struct item *item, char out[ITEM_ETAG_SIZE])
{
	(void)snprintf(out, ITEM_ETAG_SIZE, "\"%" PRId64 "\"", item->version);
}

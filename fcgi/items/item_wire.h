/*
 * items/item_wire: items as JSON: a request's body to a draft, an item to what the API shows.
 *
 * Layer: domain, wire.
 */
#ifndef FCGI_ITEMS_ITEM_WIRE_H
#define FCGI_ITEMS_ITEM_WIRE_H

#include "fcgi/items/item.h"
#include "shared/base/arena.h"
#include "shared/base/buf.h"
#include "shared/edge/event.h"
#include "shared/edge/json.h"

/*
 * The body of POST and PUT /item.  NEED_STOCK: `stock` is required, else it may be left out.
 * ERR_MALFORMED, ERR_VALIDATION with every fault.
 */
MUST_USE enum err item_draft_read(struct arena *arena, struct span body, bool need_stock,
    struct fault *fault, struct item_draft *out);

/* The body of PATCH /item/{id}.  ERR_MALFORMED, ERR_VALIDATION with every fault. */
MUST_USE enum err item_patch_read(
    struct arena *arena, struct span body, struct fault *fault, struct item_patch *out);
/* The body of POST /item/{id}/stock. */
MUST_USE enum err item_delta_read(
    struct arena *arena, struct span body, struct fault *fault, int64_t *out);

/* The item as the API shows it; KEY is NULL at the top and in arrays. */
void item_write(struct json_writer *w, const char *key, const struct item *item);
/* The event of TYPE ("item.created", …), its envelope and {"item": …}. */
void item_write_event(struct buf *buf, const struct event_head *head, const struct item *item);

/* Rules of texts that other bodies and queries share. */
extern const struct text_rule item_category_rule;
extern const struct text_rule item_tag_rule;

#endif

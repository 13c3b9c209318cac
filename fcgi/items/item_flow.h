/*
 * items/item_flow: listing an item for sale, changing it, taking it from the catalogue.
 *
 * Layer: domain.  Every change carries its event in the same atomic write.
 */
#ifndef FCGI_ITEMS_ITEM_FLOW_H
#define FCGI_ITEMS_ITEM_FLOW_H

#include <stdbool.h>

#include "fcgi/items/item_change.h"
#include "shared/edge/idempotency.h"

struct item_answer {
	bool replayed; /* the key was answered before: this is that answer */
	struct kept_answer answer;
};

/* Tells of the new item; what is told is kept under the request's key. */
struct item_teller {
	enum err (*created)(void *context, const struct item *item, struct kept_answer *out);
	void *context;
};

/* ERR_OK: there is an answer, new or replayed.  ERR_IDEMPOTENCY_REUSED. */
MUST_USE enum err item_flow_create(struct shop *shop, const struct call *call,
    const struct item_draft *draft, const struct item_teller *teller, struct item_answer *out);

/*
 * A whole replacement, derived from the item as it is at the moment of the write: purchases may
 * change it at any time.  ERR_NOT_FOUND, ERR_FORBIDDEN, the guard's errors.
 */
MUST_USE enum err item_flow_replace(struct shop *shop, const struct call *call, const struct id *id,
    const struct item_draft *draft, const struct item_guard *guard, struct item *out);
/* A merge patch.  Likewise, and ERR_VALIDATION for what is too much together. */
MUST_USE enum err item_flow_patch(struct shop *shop, const struct call *call, const struct id *id,
    const struct item_patch *patch, const struct item_guard *guard, struct item *out);
/* DELTA units come, or go.  Likewise, and ERR_STOCK with `available`, ERR_VALIDATION. */
MUST_USE enum err item_flow_add_stock(struct shop *shop, const struct call *call,
    const struct id *id, int64_t delta, const struct item_guard *guard, struct item *out);
/* The item leaves the catalogue.  ERR_NOT_FOUND, ERR_FORBIDDEN, the guard's errors. */
MUST_USE enum err item_flow_archive(struct shop *shop, const struct call *call, const struct id *id,
    const struct item_guard *guard);

#endif

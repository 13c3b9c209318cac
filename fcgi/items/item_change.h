/*
 * items/item_change: one change of an item that is in the catalogue, with its events in the same
 * atomic write.
 *
 * Layer: domain.  A change is derived from the item as it is at the moment of the write: purchases
 * and others change it at any time, and nothing of theirs is lost.
 */
#ifndef FCGI_ITEMS_ITEM_CHANGE_H
#define FCGI_ITEMS_ITEM_CHANGE_H

#include "fcgi/items/call.h"
#include "fcgi/items/item.h"
#include "fcgi/items/shop.h"

/* Does the caller's precondition hold for the item as it is now?  ERR_PRECONDITION. */
struct item_guard {
	enum err (*check)(void *context, const struct item *item);
	void *context;
};

struct item_change {
	const char *event; /* the type: "item.updated" */
	/* What the item becomes, made from WHAT; it may be asked for again. */
	enum err (*apply)(
	    const struct call *call, const void *what, const struct item *now, struct item *next);
	const void *what;
};

/* The event of TYPE about ITEM; its body lives in BUF, which is emptied first. */
MUST_USE enum err item_change_event(const struct call *call, const char *type,
    const struct item *item, struct buf *buf, struct pending_event *out);
/*
 * The item as it was, and as it is after the change; either may be NULL.  item.low_stock is told
 * with a change that crosses its bound.  ERR_NOT_FOUND; ERR_FORBIDDEN: the caller is neither its
 * seller nor an admin; the guard's errors and those of APPLY.
 */
MUST_USE enum err item_change_run(struct shop *shop, const struct call *call, const struct id *id,
    const struct item_guard *guard, const struct item_change *change, struct item *before,
    struct item *after);

#endif

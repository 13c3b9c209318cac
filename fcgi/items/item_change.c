#include "fcgi/items/item_change.h"

#include "fcgi/items/item_wire.h"
#include "fcgi/items/pending_event.h"
#include "shared/base/buf.h"
#include "shared/base/crash.h"

#define EVENT_MAX_BYTES ((size_t)2 << 20)

enum err
item_change_event(const struct call *call, const char *type, const struct item *item,
    struct buf *buf, struct pending_event *out)
{
	const struct event_head head = pending_event_head(call, type, &item->id);

	buf_reset(buf);
	item_write_event(buf, &head, item);
	return pending_event_of(&head, buf, out);
}

struct attempt {
	struct buf bodies[ITEM_EVENTS_MAX];
	struct item now, next;
};

static enum err
prepare(const struct shop *shop, const struct call *call, const struct item_change *change,
    struct attempt *attempt, struct item_writing *out)
{
	const int64_t bound = item_low_stock_bound(&attempt->next, shop->low_stock);

	out->item = &attempt->next;
	out->settled_guard = attempt->next.stock <= bound;
	TRY(item_change_event(
	    call, change->event, &attempt->next, &attempt->bodies[0], &out->events[0]));
	out->event_count = 1;
	if (attempt->next.status == ITEM_ACTIVE &&
	    item_crosses_low_stock(&attempt->now, &attempt->next, shop->low_stock)) {
		TRY(item_change_event(
		    call, "item.low_stock", &attempt->next, &attempt->bodies[1], &out->events[1]));
		out->event_count = 2;
	}
	return ERR_OK;
}

static enum err
try_once(struct shop *shop, const struct call *call, const struct id *id,
    const struct item_guard *guard, const struct item_change *change, struct attempt *attempt,
    bool *changed)
{
	struct item_writing writing;
	struct item_index index;

	TRY(item_store_get(&shop->items, call->deadline, call->arena, id, &attempt->now));
	TRY(item_check_editor(&attempt->now, call->principal, call->fault));
	TRY(guard->check(guard->context, &attempt->now));
	TRY(change->apply(call, change->what, &attempt->now, &attempt->next));
	TRY(item_index_make(call->arena, &attempt->next, &index));
	writing.index = &index;
	TRY(prepare(shop, call, change, attempt, &writing));
	return item_store_change(&shop->items, call->deadline, &writing, changed);
}

enum err
item_change_run(struct shop *shop, const struct call *call, const struct id *id,
    const struct item_guard *guard, const struct item_change *change, struct item *before,
    struct item *after)
{
	struct attempt attempt;
	bool changed = false;
	enum err err = ERR_OK;

	for (size_t i = 0; i < ITEM_EVENTS_MAX; i++)
		buf_init(&attempt.bodies[i], EVENT_MAX_BYTES);
	while (err == ERR_OK && !changed) /* ends by the deadline, which every try has */
		err = try_once(shop, call, id, guard, change, &attempt, &changed);
	for (size_t i = 0; i < ITEM_EVENTS_MAX; i++)
		buf_fini(&attempt.bodies[i]);
	TRY(err);
	CRASH_AT("item.changed");
	shop_wake_relay(shop);
	if (before != NULL)
		*before = attempt.now;
	if (after != NULL)
		*after = attempt.next;
	return ERR_OK;
}

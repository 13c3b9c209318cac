#include "fcgi/items/retire_flow.h"

#include "fcgi/items/item_flow.h"
#include "fcgi/items/item_query.h"
#include "shared/base/crash.h"

#define BATCH 20

struct batch {
	struct id items[BATCH];
	size_t count;
};

static enum err
gather(void *context, const struct item *item, const struct page_key *key, bool *stop)
{
	struct batch *batch = context;

	(void)key;
	batch->items[batch->count++] = item->id;
	*stop = batch->count == BATCH;
	return ERR_OK;
}

static enum err
allow(void *context, const struct item *item)
{
	(void)context;
	(void)item;
	return ERR_OK;
}

/* As their seller would; who else archives one of them is welcome. */
static enum err
archive(struct shop *shop, const struct call *call, const struct batch *batch)
{
	const struct item_guard guard = {.check = allow};

	for (size_t i = 0; i < batch->count; i++) {
		enum err err = item_flow_archive(shop, call, &batch->items[i], &guard);

		if (err != ERR_OK && err != ERR_NOT_FOUND)
			return err;
		CRASH_AT("retire.archived");
	}
	return ERR_OK;
}

enum err
retire_seller(struct shop *shop, const struct call *call, const struct id *seller)
{
	const struct principal as_seller = {.user_id = *seller};
	const struct item_filter filter = {
	    .has_seller = true,
	    .seller_id = *seller,
	    .sort = ITEM_SORT_CREATED_DOWN,
	};
	const struct page page = {.limit = BATCH};
	struct call own = *call;
	struct batch batch;
	const struct item_walk walk = {.each = gather, .context = &batch};
	struct page_key resume;
	bool ended_early;

	own.principal = &as_seller;
	do {
		batch.count = 0;
		TRY(item_query_run(&shop->items, call->deadline, call->arena, &filter, &page, &walk,
		    &resume, &ended_early));
		TRY(archive(shop, &own, &batch));
	} while (batch.count > 0);
	TRY(claim_store_drop_of(&shop->claims, call->deadline, seller));
	return item_store_blank(&shop->items, call->deadline, seller);
}

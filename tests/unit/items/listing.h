/*
 * tests/unit/items/listing: lamps that are listed by the program's own flow, under the rig's key.
 */
#ifndef TESTS_UNIT_ITEMS_LISTING_H
#define TESTS_UNIT_ITEMS_LISTING_H

#include "tests/unit/items/shop_rig.h"

#include "fcgi/items/item_flow.h"

static const struct item_draft lamp = {
    .name = "Lamp",
    .description = "",
    .price = {1999, "EUR"},
    .has_stock = true,
    .stock = 5,
};

static enum err
tell(void *arena, const struct item *item, struct kept_answer *out)
{
	const char *text = arena_printf(arena, "{\"id\":\"%s\"}", item->id.text);

	TRY_ALLOC(text);
	*out = (struct kept_answer){
	    .status = 201,
	    .content_type = "application/json",
	    .location = "/item/x",
	    .etag = "\"1\"",
	    .body = span_of(text, strlen(text)),
	};
	return ERR_OK;
}

static enum err
list_lamp(struct item_answer *out)
{
	const struct item_teller teller = {tell, rig.arena};
	const struct call call = rig_call();

	return item_flow_create(&rig.shop, &call, &lamp, &teller, out);
}

static int64_t
count(mongoc_collection_t *collection)
{
	auto_bson bson_t *all = bson_new();
	int64_t there;

	assert_err(ERR_OK, mongo_count(collection, &rig.deadline, all, 1000, &there));
	return there;
}

__attribute__((unused)) static void
assert_there(int64_t items, int64_t claims)
{
	assert_int_equal(count(rig.shop.items.items), items);
	assert_int_equal(count(rig.shop.claims.claims), claims);
}

/* What a process leaves that died when it had claimed the rig's key at AT_MS; the item's id. */
__attribute__((unused)) static struct id
leave_claim(int64_t at_ms)
{
	const struct item_claim claim = {new_id(), rig.idempotency.fingerprint, at_ms};

	assert_err(ERR_OK,
	    claim_store_insert(
		&rig.shop.claims, &rig.deadline, &rig.buyer.user_id, rig.idempotency.key, &claim));
	return claim.item_id;
}

#endif

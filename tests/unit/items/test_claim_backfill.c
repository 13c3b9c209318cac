#include "tests/unit/items/listing.h"

#include "fcgi/items/backfill.h"
#include "fcgi/items/claim_backfill.h"
#include "shared/infra/mongo_index.h"

/* With the index that versions without claims kept keys apart by. */
static int
start_of_a_rollout(void **state)
{
	auto_bson bson_t *keys =
	    BCON_NEW("seller_id", BCON_INT32(1), "idempotency.key", BCON_INT32(1));
	auto_bson bson_t *options = BCON_NEW("unique", BCON_BOOL(true), "partialFilterExpression",
	    "{", "idempotency.key", "{", "$exists", BCON_BOOL(true), "}", "}");
	const struct mongo_index former = {ITEMS_FORMER_KEYS, keys, options};
	auto_collection mongoc_collection_t *notes =
	    mongo_collection(&rig.mongo, BACKFILLS_COLLECTION);
	auto_bson bson_t *all = bson_new();

	return rig_empty(state) == 0 &&
		mongoc_collection_delete_many(notes, all, NULL, NULL, NULL) &&
		mongo_create_index(&rig.mongo, ITEMS_COLLECTION, &former) == ERR_OK
	    ? 0
	    : -1;
}

static int
end_of_a_rollout(void **state)
{
	(void)state;
	return mongo_drop_index(&rig.mongo, ITEMS_COLLECTION, ITEMS_FORMER_KEYS) == ERR_OK ? 0 : -1;
}

static bool
has_former_index(void)
{
	bool there;

	assert_err(
	    ERR_OK, mongo_has_index(&rig.mongo, ITEMS_COLLECTION, ITEMS_FORMER_KEYS, &there));
	return there;
}

/* What a pod of such a version does under the rig's key at AT_MS: its item, and nothing else. */
static enum err
list_as_before(int64_t at_ms, struct id *id)
{
	const struct pending_event event = rig_event("item.created");
	struct kept_answer answer;
	struct item_index index;
	struct item item;

	*id = new_id();
	item_make(&lamp, id, &rig.buyer.user_id, at_ms, &item);
	assert_err(ERR_OK, item_index_make(rig.arena, &item, &index));
	assert_err(ERR_OK, tell(rig.arena, &item, &answer));
	return item_store_insert(
	    &rig.shop.items, &rig.deadline, &item, &index, &rig.idempotency, &answer, &event);
}

static void
assert_listed_as(const struct id *id)
{
	struct item_answer answer;

	assert_err(ERR_OK, list_lamp(&answer));
	assert_true(answer.replayed);
	assert_non_null(strstr(answer.answer.body.data, id->text));
}

static void
migrate(int64_t now_ms)
{
	assert_err(ERR_OK, claim_backfill_run(&rig.mongo, &rig.deadline, now_ms));
}

static void
test_keys_listed_before_claims_are_claimed(void **state)
{
	struct item_claim claim;
	struct id item, stale;

	(void)state;
	rig_key("key", "print");
	assert_err(ERR_OK, list_as_before(rig.now_ms - IDEMPOTENCY_KEPT_MS + 60000, &item));
	rig_key("stale", "print");
	assert_err(ERR_OK, list_as_before(rig.now_ms - IDEMPOTENCY_KEPT_MS - 1, &stale));
	migrate(rig.now_ms);
	assert_there(2, 1);
	assert_err(ERR_OK,
	    claim_store_find(
		&rig.shop.claims, &rig.deadline, rig.arena, &rig.buyer.user_id, "key", &claim));
	assert_string_equal(claim.item_id.text, item.text);
	assert_string_equal(claim.fingerprint, "print");
	assert_int_equal(claim.at_ms, rig.now_ms - IDEMPOTENCY_KEPT_MS + 60000);
	assert_true(has_former_index());
}

static void
test_pods_of_both_versions_list_one_item(void **state)
{
	struct item_answer answer;
	struct id before, none;

	(void)state;
	migrate(rig.now_ms);
	rig_key("theirs", "print");
	assert_err(ERR_OK, list_as_before(rig.now_ms, &before));
	assert_listed_as(&before);
	rig_key("theirs", "another print");
	assert_err(ERR_IDEMPOTENCY_REUSED, list_lamp(&answer));
	rig_key("ours", "print");
	assert_err(ERR_OK, list_lamp(&answer));
	assert_err(ERR_CONFLICT, list_as_before(rig.now_ms, &none));
	rig_key("both", "print");
	(void)leave_claim(rig.now_ms);
	assert_err(ERR_OK, list_as_before(rig.now_ms, &before));
	assert_listed_as(&before);
	assert_int_equal(count(rig.shop.items.items), 3);
}

static void
test_the_former_index_goes_a_day_later(void **state)
{
	struct id item;

	(void)state;
	migrate(rig.now_ms);
	rig.now_ms += IDEMPOTENCY_KEPT_MS - 1;
	migrate(rig.now_ms);
	assert_true(has_former_index());
	rig_key("key", "print");
	(void)leave_claim(rig.now_ms); /* of an item that never was: theirs came first */
	assert_err(ERR_OK, list_as_before(rig.now_ms, &item));
	rig.now_ms++;
	for (int again = 0; again < 2; again++) {
		migrate(rig.now_ms);
		assert_false(has_former_index());
		assert_listed_as(&item);
	}
	assert_there(1, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_keys_listed_before_claims_are_claimed, start_of_a_rollout, end_of_a_rollout),
	    cmocka_unit_test_setup_teardown(
		test_pods_of_both_versions_list_one_item, start_of_a_rollout, end_of_a_rollout),
	    cmocka_unit_test_setup_teardown(
		test_the_former_index_goes_a_day_later, start_of_a_rollout, end_of_a_rollout),
	};

	return cmocka_run_group_tests_name("items/claim_backfill", tests, rig_start, rig_end);
}

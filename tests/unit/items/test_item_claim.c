#include <pthread.h>

#include "tests/unit/items/listing.h"

#include "fcgi/items/item_answers.h"
#include "fcgi/items/retire_flow.h"
#include "fcgi/items/sweep_flow.h"

#define SELLERS_CALLS 8

static enum err
refuse(void *context, const struct item *item, struct kept_answer *out)
{
	(void)context;
	(void)item;
	(void)out;
	return ERR_VALIDATION;
}

static void
assert_same_body(const struct item_answer *a, const struct item_answer *b)
{
	assert_int_equal(a->answer.body.len, b->answer.body.len);
	assert_memory_equal(a->answer.body.data, b->answer.body.data, a->answer.body.len);
}

static void
test_a_key_makes_one_item(void **state)
{
	struct item_answer first, again, other;
	char longest[IDEMPOTENCY_KEY_MAX + 1];

	(void)state;
	assert_err(ERR_OK, list_lamp(&other));
	assert_there(1, 0); /* without a key, there is nothing to claim */
	memset(longest, 'k', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	rig_key(longest, "print");
	assert_err(ERR_OK, list_lamp(&first));
	assert_false(first.replayed);
	assert_err(ERR_OK, list_lamp(&again));
	assert_true(again.replayed);
	assert_same_body(&first, &again);
	rig_key(longest, "another print");
	assert_err(ERR_IDEMPOTENCY_REUSED, list_lamp(&other));
	assert_there(2, 1);
	rig.buyer.user_id = new_id();
	assert_err(ERR_OK, list_lamp(&other));
	assert_false(other.replayed); /* another seller's key is another key */
	assert_there(3, 2);
}

static void
test_what_cant_be_made_claims_nothing(void **state)
{
	const struct item_teller teller = {refuse, NULL};
	struct item_answer answer;
	struct call call;

	(void)state;
	rig_key("key", "print");
	call = rig_call();
	assert_err(ERR_VALIDATION, item_flow_create(&rig.shop, &call, &lamp, &teller, &answer));
	assert_there(0, 0);
}

static void
test_the_repeat_makes_the_item_that_was_claimed(void **state)
{
	struct item_answer first, again;
	auto_bson bson_t *found = NULL;
	struct id claimed;

	(void)state;
	rig_key("key", "print");
	claimed = leave_claim(rig.now_ms - 1000);
	assert_err(ERR_OK, list_lamp(&first));
	assert_false(first.replayed);
	found = rig_find(rig.shop.items.items, &claimed);
	assert_int_equal(mongo_array_count(found, "pending_events"), 1);
	assert_non_null(strstr(first.answer.body.data, claimed.text));
	assert_err(ERR_OK, list_lamp(&again));
	assert_true(again.replayed);
	assert_same_body(&first, &again);
	assert_there(1, 1);
}

struct caller {
	pthread_t thread;
	enum err err;
	char body[64];
};

static void *
run_caller(void *context)
{
	struct caller *caller = context;
	struct item_answer answer;
	struct arena *arena = NULL;
	struct mongo mongo;
	struct shop shop;
	struct call call = rig_call();

	caller->err = mongo_open(rig.pool, &mongo);
	if (caller->err != ERR_OK)
		return NULL;
	shop_init(&mongo, &shop);
	caller->err = arena_new((size_t)4 << 20, &arena);
	if (caller->err == ERR_OK) {
		const struct item_teller teller = {tell, arena};

		call.arena = arena;
		caller->err = item_flow_create(&shop, &call, &lamp, &teller, &answer);
	}
	if (caller->err == ERR_OK)
		(void)snprintf(caller->body, sizeof(caller->body), "%.*s",
		    (int)answer.answer.body.len, answer.answer.body.data);
	arena_free(&arena);
	shop_fini(&shop);
	mongo_close(&mongo);
	return NULL;
}

static void
test_all_who_ask_at_once_get_the_same_item(void **state)
{
	struct caller callers[SELLERS_CALLS];

	(void)state;
	rig_key("key", "print");
	for (size_t i = 0; i < SELLERS_CALLS; i++)
		assert_int_equal(
		    pthread_create(&callers[i].thread, NULL, run_caller, &callers[i]), 0);
	for (size_t i = 0; i < SELLERS_CALLS; i++)
		assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
	for (size_t i = 0; i < SELLERS_CALLS; i++) {
		assert_err(ERR_OK, callers[i].err);
		assert_string_equal(callers[i].body, callers[0].body);
	}
	assert_there(1, 1);
}

static void
test_a_key_is_forgotten_after_a_day(void **state)
{
	const int64_t day_later_ms = rig.now_ms + IDEMPOTENCY_KEPT_MS;
	struct item_answer answer;

	(void)state;
	rig_key("key", "print");
	assert_err(ERR_OK, list_lamp(&answer));
	assert_err(ERR_OK, sweep_claims(&rig.shop, &rig.deadline, day_later_ms));
	assert_err(ERR_OK, list_lamp(&answer));
	assert_true(answer.replayed);
	assert_there(1, 1);
	assert_err(ERR_OK, sweep_claims(&rig.shop, &rig.deadline, day_later_ms + 1));
	assert_there(1, 0);
	assert_err(ERR_OK, list_lamp(&answer));
	assert_false(answer.replayed);
	assert_there(2, 1);
	/* Nobody has to have swept. */
	rig.now_ms = day_later_ms + 1;
	rig_key("key", "another print");
	assert_err(ERR_OK, list_lamp(&answer));
	assert_false(answer.replayed);
	assert_there(3, 1);
}

/* Should an answer go first after all: no second item, whatever else. */
static void
test_a_claim_without_its_answer_makes_no_second_item(void **state)
{
	struct item_answer answer;

	(void)state;
	rig_key("key", "print");
	assert_err(ERR_OK, list_lamp(&answer));
	assert_err(ERR_OK, item_answers_drop(&rig.shop.items, &rig.deadline, rig.now_ms + 1));
	assert_err(ERR_BUSY, list_lamp(&answer));
	assert_there(1, 1);
}

static void
test_a_deleted_accounts_claims_go(void **state)
{
	const struct id ann = rig.buyer.user_id;
	struct item_answer answer;
	struct call call;

	(void)state;
	rig_key("key", "print");
	assert_err(ERR_OK, list_lamp(&answer));
	rig.buyer.user_id = new_id();
	assert_err(ERR_OK, list_lamp(&answer));
	assert_there(2, 2);
	call = rig_call();
	assert_err(ERR_OK, retire_seller(&rig.shop, &call, &ann));
	assert_there(2, 1);
	assert_err(ERR_OK, list_lamp(&answer));
	assert_true(answer.replayed); /* who is left keeps theirs */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_a_key_makes_one_item, rig_empty),
	    cmocka_unit_test_setup(test_what_cant_be_made_claims_nothing, rig_empty),
	    cmocka_unit_test_setup(test_the_repeat_makes_the_item_that_was_claimed, rig_empty),
	    cmocka_unit_test_setup(test_all_who_ask_at_once_get_the_same_item, rig_empty),
	    cmocka_unit_test_setup(test_a_key_is_forgotten_after_a_day, rig_empty),
	    cmocka_unit_test_setup(test_a_claim_without_its_answer_makes_no_second_item, rig_empty),
	    cmocka_unit_test_setup(test_a_deleted_accounts_claims_go, rig_empty),
	};

	return cmocka_run_group_tests_name("items/item_claim", tests, rig_start, rig_end);
}

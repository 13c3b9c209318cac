#include "tests/unit/edge/rig.h"

#include "shared/edge/problem.h"

static const char *
body(void)
{
	return arena_memdup(rig.arena, rig.rs.body.data, rig.rs.body.len);
}

static void
a_problem_has_its_members_in_order(void **state)
{
	(void)state;
	(void)fault_set(&rig.rq.fault, ERR_NOT_FOUND, "No item %d.", 7);
	problem_write(&rig.rq, &rig.rs, ERR_NOT_FOUND);
	assert_int_equal(rig.rs.status, 404);
	assert_string_equal(rig.rs.content_type, "application/problem+json");
	assert_string_equal(body(),
	    "{\"type\":\"/problems/not_found\",\"title\":\"Not found\",\"status\":404,"
	    "\"detail\":\"No item 7.\",\"code\":\"not_found\",\"request_id\":\"request-1\"}");
}

static void
who_refuses_without_a_word_is_helped_out(void **state)
{
	(void)state;
	problem_write(&rig.rq, &rig.rs, ERR_NOT_FOUND);
	assert_non_null(strstr(body(),
	    "\"detail\":\"There is nothing at this address, or nothing that this account may "
	    "see.\",\"code\""));
}

static void
every_fault_is_listed(void **state)
{
	struct fault *fault = &rig.rq.fault;

	(void)state;
	(void)fault_field(
	    fault, FIELD_IN_BODY, "/price/amount", FIELD_REQUIRED, "Say \"how much\".");
	(void)fault_field(fault, FIELD_IN_QUERY, "limit", FIELD_OUT_OF_RANGE, "1 to 100");
	problem_write(&rig.rq, &rig.rs, ERR_VALIDATION);
	assert_int_equal(rig.rs.status, 422);
	assert_non_null(strstr(body(),
	    "\"errors\":[{\"pointer\":\"/price/amount\",\"code\":\"required\","
	    "\"detail\":\"Say \\\"how much\\\".\"},"
	    "{\"parameter\":\"limit\",\"code\":\"out_of_range\",\"detail\":\"1 to 100\"}]}"));
}

static void
extensions_are_told_when_there_are_any(void **state)
{
	struct fault *fault = &rig.rq.fault;

	(void)state;
	fault->has_available = true;
	fault->available = 3;
	fault->has_price = true;
	fault->price = (struct money){1999, "EUR"};
	fault->item_id = "x";
	fault->mfa_token = "y";
	problem_write(&rig.rq, &rig.rs, ERR_STOCK);
	assert_non_null(strstr(body(),
	    "\"available\":3,\"price\":{\"amount\":1999,\"currency\":\"EUR\"},"
	    "\"item_id\":\"x\",\"mfa_token\":\"y\"}"));
}

static void
what_went_wrong_here_is_not_told(void **state)
{
	(void)state;
	rig.rq.fault.has_available = true;
	(void)fault_set(&rig.rq.fault, ERR_UNAVAILABLE, "could not connect to 10.1.2.3");
	for (enum err err = ERR_OK + 1; err < ERR_COUNT; err++) {
		problem_write(&rig.rq, &rig.rs, err);
		assert_int_equal(rig.rs.status, err_status(err));
		assert_non_null(strstr(body(), "\"detail\":\""));
		if (err_status(err) >= 500) {
			assert_null(strstr(body(), "10.1.2.3"));
			assert_null(strstr(body(), "available\":"));
		}
	}
}

static void
what_was_in_the_answer_is_gone(void **state)
{
	(void)state;
	assert_err(ERR_OK, response_header(&rig.rs, "ETag", "\"1\""));
	assert_err(ERR_OK, response_cache(&rig.rs, "public"));
	buf_puts(&rig.buf, "{\"half\":");
	problem_write(&rig.rq, &rig.rs, ERR_FORBIDDEN);
	assert_null(rig.rs.headers);
	assert_false(rig.rs.cache_set);
	assert_null(strstr(body(), "half"));
}

static void
headers_go_with_the_status(void **state)
{
	(void)state;
	problem_write(&rig.rq, &rig.rs, ERR_TOKEN_MISSING);
	assert_string_equal(rig_answer_header("WWW-Authenticate"), "Bearer realm=\"shop\"");
	problem_write(&rig.rq, &rig.rs, ERR_CREDENTIALS);
	assert_string_equal(rig_answer_header("WWW-Authenticate"), "Bearer realm=\"shop\"");
	problem_write(&rig.rq, &rig.rs, ERR_TOKEN_INVALID);
	assert_string_equal(rig_answer_header("WWW-Authenticate"),
	    "Bearer realm=\"shop\", error=\"invalid_token\", "
	    "error_description=\"The token is invalid, expired or revoked\"");
	rig.rq.fault.allow = "GET, OPTIONS";
	problem_write(&rig.rq, &rig.rs, ERR_METHOD);
	assert_string_equal(rig_answer_header("Allow"), "GET, OPTIONS");
	problem_write(&rig.rq, &rig.rs, ERR_BUSY);
	assert_string_equal(rig_answer_header("Retry-After"), "1");
	rig.rq.fault.retry_after_s = 30;
	problem_write(&rig.rq, &rig.rs, ERR_ACCOUNT_LOCKED);
	assert_string_equal(rig_answer_header("Retry-After"), "30");
}

/* At the arena's end there is no header, and no problem is told without those it needs. */
static void
there_is_an_answer_without_memory(void **state)
{
	(void)state;
	while (arena_alloc(rig.arena, 4096) != NULL)
		continue;
	problem_write(&rig.rq, &rig.rs, ERR_FORBIDDEN);
	assert_int_equal(rig.rs.status, 403);
	problem_write(&rig.rq, &rig.rs, ERR_TOKEN_MISSING);
	assert_int_equal(rig.rs.status, 500);
	assert_int_equal(rig.rs.body.data[0], '{');
	buf_fini(&rig.buf);
	buf_init(&rig.buf, 10);
	problem_write(&rig.rq, &rig.rs, ERR_FORBIDDEN);
	assert_int_equal(rig.rs.status, 500);
	assert_string_equal(rig.rs.content_type, "application/problem+json");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    rig_test(a_problem_has_its_members_in_order),
	    rig_test(who_refuses_without_a_word_is_helped_out),
	    rig_test(every_fault_is_listed),
	    rig_test(extensions_are_told_when_there_are_any),
	    rig_test(what_went_wrong_here_is_not_told),
	    rig_test(what_was_in_the_answer_is_gone),
	    rig_test(headers_go_with_the_status),
	    rig_test(there_is_an_answer_without_memory),
	};

	return cmocka_run_group_tests_name("edge/problem", tests, NULL, NULL);
}

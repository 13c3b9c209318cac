#include <string.h>

#include "tests/unit/unit.h"

#include "notifier/schedule.h"
#include "notifier/webhook.h"
#include "notifier/webhook_outcome.h"

#define DICE 0x80000000

static struct delivery delivery;
static struct http_posted posted;
static struct delivery_result result;

static int
setup(void **state)
{
	(void)state;
	delivery = (struct delivery){.attempt = 12, .step = 1};
	posted = (struct http_posted){.status = 204, .duration_ms = 7};
	return arena_new(65536, &delivery.arena) == ERR_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&delivery.arena);
	return 0;
}

static void
judge(int status)
{
	posted.status = status;
	webhook_outcome_of_answer(&delivery, &posted, DICE, &result);
}

static void
answer(const char *bytes, size_t len)
{
	memcpy(posted.response, bytes, len);
	posted.response_len = len;
	judge(200);
}

static void
test_only_2xx_is_a_success(void **state)
{
	static const int failures[] = {0, 199, 300, 307, 400, 404, 408, 429, 500, 503};

	(void)state;
	for (int status = 200; status < 300; status += 33) {
		judge(status);
		assert_int_equal(result.outcome.result, ATTEMPT_SENT);
		assert_int_equal(result.status_code, status);
		assert_int_equal(result.attempt, 12);
	}
	for (size_t i = 0; i < COUNT_OF(failures); i++) {
		judge(failures[i]);
		assert_int_equal(result.outcome.result, ATTEMPT_TRY_LATER);
		assert_in_range(result.pause_ms, 4000, 6000);
	}
	judge(302);
	assert_string_equal(result.outcome.detail, "redirects are not followed");
	judge(WEBHOOK_STATUS_GONE);
	assert_int_equal(result.outcome.result, ATTEMPT_REFUSED);
}

static void
test_the_schedule_ends(void **state)
{
	(void)state;
	delivery.step = SCHEDULE_WEBHOOK_ATTEMPTS - 1;
	judge(500);
	assert_int_equal(result.outcome.result, ATTEMPT_TRY_LATER);
	delivery.step = SCHEDULE_WEBHOOK_ATTEMPTS;
	judge(500);
	assert_int_equal(result.outcome.result, ATTEMPT_REFUSED);
	judge(200);
	assert_int_equal(result.outcome.result, ATTEMPT_SENT);
}

static void
test_retry_after(void **state)
{
	(void)state;
	posted.retry_after_s = 600;
	judge(429);
	assert_in_range(result.pause_ms, 600000, 660000);
}

static void
test_no_answer_has_a_reason(void **state)
{
	static const char words[] = "no answer within 30000 ms";

	(void)state;
	memcpy(posted.error, words, sizeof(words));
	judge(0);
	assert_string_equal(result.outcome.detail, "no answer within 30000 ms");
	assert_null(result.response);
}

static void
test_any_bytes_become_text(void **state)
{
	static const char bad[] = "a\0b\xFF\xC3(\xE2\x82";
	char full[HTTP_POSTED_RESPONSE_MAX];

	(void)state;
	answer(bad, sizeof(bad) - 1);
	assert_string_equal(result.response,
	    "a\xEF\xBF\xBD"
	    "b\xEF\xBF\xBD\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD");
	/* Replacements are longer than what they stand for. */
	memset(full, 0xFF, sizeof(full));
	answer(full, sizeof(full));
	assert_int_equal(strlen(result.response), WEBHOOK_RESPONSE_MAX / 3 * 3);
	memset(full, 'x', sizeof(full));
	answer(full, sizeof(full));
	assert_int_equal(strlen(result.response), WEBHOOK_RESPONSE_MAX);
	answer("", 0);
	assert_string_equal(result.response, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(test_only_2xx_is_a_success),
	    TEST(test_the_schedule_ends),
	    TEST(test_retry_after),
	    TEST(test_no_answer_has_a_reason),
	    TEST(test_any_bytes_become_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

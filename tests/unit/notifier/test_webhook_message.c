#include <string.h>

#include "tests/unit/unit.h"

#include "notifier/webhook_message.h"
#include "shared/infra/webhook_signature.h"

#define EVENT   "01890000-0000-7000-8000-0000000000e1"
#define TRACE   "0af7651916cd43dd8448eb211c80319c"
#define SECRET  "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define EARLIER "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define BODY    "{\"id\":\"" EVENT "\"}"

static struct delivery delivery;

static int
new_delivery(void **state)
{
	(void)state;
	delivery = (struct delivery){
	    .event_id = {EVENT},
	    .data = BODY,
	    .traceparent = "00-" TRACE "-b7ad6b7169203331-01",
	    .url = "https://example.org/hook",
	    .secret = SECRET,
	};
	return arena_new((size_t)64 * 1024, &delivery.arena) == ERR_OK ? 0 : -1;
}

static int
free_delivery(void **state)
{
	(void)state;
	arena_free(&delivery.arena);
	return 0;
}

/* What follows NAME and ": ", or NULL. */
static const char *
header(const struct http_post *post, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < HTTP_POST_HEADERS_MAX && post->headers[i] != NULL; i++)
		if (strncmp(post->headers[i], name, len) == 0 &&
		    strncmp(post->headers[i] + len, ": ", 2) == 0)
			return post->headers[i] + len + 2;
	return NULL;
}

static void
a_delivery_becomes_a_signed_request(void **state)
{
	auto_buf struct buf expected;
	struct http_post post;
	struct trace trace;

	(void)state;
	buf_init(&expected, 256);
	assert_err(ERR_OK, webhook_message_make(&delivery, 1740821400999, &trace, &post));
	assert_string_equal(post.url, "https://example.org/hook");
	assert_int_equal(post.body.len, strlen(BODY));
	assert_memory_equal(post.body.data, BODY, strlen(BODY));
	assert_string_equal(
	    header(&post, "Content-Type"), "application/cloudevents+json; charset=utf-8");
	assert_string_equal(header(&post, "webhook-id"), EVENT);
	assert_string_equal(header(&post, "webhook-timestamp"), "1740821400");
	assert_err(ERR_OK,
	    webhook_sign(SECRET, EVENT, 1740821400, span_of(BODY, strlen(BODY)), &expected));
	assert_string_equal(header(&post, "webhook-signature"), expected.data);
}

static void
while_a_secret_rotates_both_sign(void **state)
{
	auto_buf struct buf expected;
	struct http_post post;
	struct trace trace;
	const struct span body = span_of(BODY, strlen(BODY));

	(void)state;
	buf_init(&expected, 256);
	delivery.previous_secret = EARLIER;
	assert_err(ERR_OK, webhook_message_make(&delivery, 1740821400000, &trace, &post));
	assert_err(ERR_OK, webhook_sign(SECRET, EVENT, 1740821400, body, &expected));
	assert_err(ERR_OK, webhook_sign(EARLIER, EVENT, 1740821400, body, &expected));
	assert_string_equal(header(&post, "webhook-signature"), expected.data);
}

static void
the_trace_goes_on_in_a_step_of_its_own(void **state)
{
	struct http_post post;
	struct trace trace;

	(void)state;
	assert_err(ERR_OK, webhook_message_make(&delivery, 0, &trace, &post));
	assert_memory_equal(header(&post, "traceparent"), "00-" TRACE "-", strlen("00-" TRACE "-"));
	assert_string_not_equal(header(&post, "traceparent"), delivery.traceparent);
	delivery.traceparent = NULL;
	assert_err(ERR_OK, webhook_message_make(&delivery, 0, &trace, &post));
	assert_int_equal(strlen(header(&post, "traceparent")), 55);
}

static void
a_secret_that_is_none_is_told(void **state)
{
	struct http_post post;
	struct trace trace;

	(void)state;
	delivery.secret = "whsec_?";
	assert_err(ERR_CORRUPT, webhook_message_make(&delivery, 0, &trace, &post));
	delivery.secret = SECRET;
	delivery.previous_secret = "";
	assert_err(ERR_CORRUPT, webhook_message_make(&delivery, 0, &trace, &post));
}

#define MESSAGE_TEST(name) cmocka_unit_test_setup_teardown(name, new_delivery, free_delivery)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    MESSAGE_TEST(a_delivery_becomes_a_signed_request),
	    MESSAGE_TEST(while_a_secret_rotates_both_sign),
	    MESSAGE_TEST(the_trace_goes_on_in_a_step_of_its_own),
	    MESSAGE_TEST(a_secret_that_is_none_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

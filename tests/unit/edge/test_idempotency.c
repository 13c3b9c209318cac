#include "tests/unit/edge/rig.h"

#include "shared/edge/idempotency.h"

static enum err
read_key(const char *value, struct idempotency *out)
{
	rig_header(arena_printf(rig.arena, "HTTP_IDEMPOTENCY_KEY=%s", value));
	return idempotency_read(&rig.rq, out);
}

static void
a_key_is_quoted_or_bare(void **state)
{
	struct idempotency read;
	char longest[IDEMPOTENCY_KEY_MAX + 1];

	(void)state;
	assert_err(ERR_OK, read_key("abc-1", &read));
	assert_string_equal(read.key, "abc-1");
	assert_err(ERR_OK, read_key("\"abc-1\"", &read));
	assert_string_equal(read.key, "abc-1");
	assert_err(ERR_OK, read_key("\"a\\\"b\\\\\"", &read));
	assert_string_equal(read.key, "a\"b\\");
	assert_err(ERR_OK, read_key("a\"b\\", &read));
	assert_string_equal(read.key, "a\"b\\");
	memset(longest, 'x', IDEMPOTENCY_KEY_MAX);
	longest[IDEMPOTENCY_KEY_MAX] = '\0';
	assert_err(ERR_OK, read_key(longest, &read));
	assert_string_equal(read.key, longest);
}

static void
no_header_is_no_key(void **state)
{
	struct idempotency read = {.key = "x"};

	(void)state;
	assert_err(ERR_OK, idempotency_read(&rig.rq, &read));
	assert_null(read.key);
	assert_string_equal(read.fingerprint, "");
}

static void
other_keys_are_malformed(void **state)
{
	static const char *const bad[] = {
	    "",
	    "\"\"",
	    "\"",
	    "\"a",
	    "\"a\"b",
	    "\"a\";b=1",
	    "a b",
	    "\"a b\"",
	    "\"a\\b\"",
	    "\"a\\",
	    "\x7F",
	    "\xC3\xA9",
	    "a\tb",
	};
	struct idempotency read;
	char longer[IDEMPOTENCY_KEY_MAX + 2];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_err(ERR_MALFORMED, read_key(bad[i], &read));
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_err(ERR_MALFORMED, read_key(longer, &read));
}

static const char *
print_of(enum method method, const char *path, const char *query, const char *body)
{
	struct idempotency read;

	rig.rq.method = method;
	rig.rq.path = path;
	rig.rq.query = query;
	rig.rq.body = span_of(body, strlen(body));
	assert_err(ERR_OK, read_key("k", &read));
	assert_int_equal(strlen(read.fingerprint), 64);
	return arena_strdup(rig.arena, read.fingerprint);
}

static void
each_part_of_the_request_is_in_its_fingerprint(void **state)
{
	const char *print = print_of(METHOD_POST, "/item", "a=b", "{}");

	(void)state;
	assert_string_equal(print_of(METHOD_POST, "/item", "a=b", "{}"), print);
	assert_string_not_equal(print_of(METHOD_PUT, "/item", "a=b", "{}"), print);
	assert_string_not_equal(print_of(METHOD_POST, "/items", "a=b", "{}"), print);
	assert_string_not_equal(print_of(METHOD_POST, "/item", "a=c", "{}"), print);
	assert_string_not_equal(print_of(METHOD_POST, "/item", "a=b", "{ }"), print);
	/* What is at an end of one part may not stand for the beginning of the next. */
	assert_string_not_equal(print_of(METHOD_POST, "/ite", "ma=b", "{}"), print);
	assert_string_not_equal(print_of(METHOD_POST, "/item", "a=b{", "}"), print);
}

static void
a_kept_answer_is_given_again(void **state)
{
	const struct kept_answer kept = {
	    .status = 409,
	    .content_type = "application/problem+json",
	    .location = "/order/1",
	    .etag = "\"1\"",
	    .body = {"{\"x\":1}", 7},
	};
	const struct kept_answer empty = {.status = 204};

	(void)state;
	assert_err(ERR_OK, idempotency_replay(&kept, &rig.rs));
	assert_int_equal(rig.rs.status, 409);
	assert_string_equal(rig.rs.content_type, "application/problem+json");
	assert_memory_equal(rig.rs.body.data, "{\"x\":1}", 7);
	assert_string_equal(rig_answer_header("Location"), "/order/1");
	assert_string_equal(rig_answer_header("ETag"), "\"1\"");
	assert_string_equal(rig_answer_header("Idempotency-Replayed"), "true");
	response_init(&rig.rs, rig.arena, &rig.buf);
	assert_err(ERR_OK, idempotency_replay(&empty, &rig.rs));
	assert_int_equal(rig.rs.status, 204);
	assert_null(rig.rs.content_type);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    rig_test(a_key_is_quoted_or_bare),
	    rig_test(no_header_is_no_key),
	    rig_test(other_keys_are_malformed),
	    rig_test(each_part_of_the_request_is_in_its_fingerprint),
	    rig_test(a_kept_answer_is_given_again),
	};

	return cmocka_run_group_tests_name("edge/idempotency", tests, NULL, NULL);
}

#include "tests/unit/edge/rig.h"

static void
headers_are_kept_in_order(void **state)
{
	(void)state;
	assert_err(ERR_OK, response_header(&rig.rs, "X-One", "%d", 1));
	assert_err(ERR_OK, response_location(&rig.rs, "/order/%s", "x"));
	assert_err(ERR_OK, response_cache(&rig.rs, "public"));
	assert_string_equal(rig.rs.headers->name, "X-One");
	assert_string_equal(rig.rs.headers->next->name, "Location");
	assert_string_equal(rig.rs.headers->next->value, "/order/x");
	assert_ptr_equal(rig.rs.last_header, rig.rs.headers->next->next);
	assert_true(rig.rs.cache_set);
}

static void
no_header_can_begin_another(void **state)
{
	static const char *const bad[] = {
	    "a\rb", "a\nb", "a\r\nSet-Cookie: x", "\x7F", "\x01", "a\tb"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_err(ERR_INTERNAL, response_header(&rig.rs, "X-Any", "%s", bad[i]));
		assert_err(ERR_INTERNAL, response_header(&rig.rs, bad[i], "x"));
		assert_err(ERR_INTERNAL, response_location(&rig.rs, "%s", bad[i]));
		assert_err(ERR_INTERNAL, response_cache(&rig.rs, bad[i]));
		assert_err(ERR_INTERNAL, response_bytes(&rig.rs, 200, bad[i], span_of("", 0)));
	}
	assert_null(rig.rs.headers);
	assert_false(rig.rs.cache_set);
	assert_int_equal(rig.rs.status, 0);
}

static void
a_body_that_overflowed_is_no_answer(void **state)
{
	(void)state;
	buf_fini(&rig.buf);
	buf_init(&rig.buf, 4);
	buf_puts(&rig.buf, "{\"a\":1}");
	assert_err(ERR_MEMORY, response_json(&rig.rs, 200));
	assert_int_equal(rig.rs.status, 0);
}

static void
an_etag_makes_304_of_get_alone(void **state)
{
	bool not_modified;

	(void)state;
	rig_header("HTTP_IF_NONE_MATCH=\"3\"");
	assert_err(ERR_OK, response_etag(&rig.rs, &rig.rq, "\"3\"", &not_modified));
	assert_true(not_modified);
	assert_int_equal(rig.rs.status, 304);
	assert_string_equal(rig_answer_header("ETag"), "\"3\"");
	response_init(&rig.rs, rig.arena, &rig.buf);
	assert_err(ERR_OK, response_etag(&rig.rs, &rig.rq, "\"4\"", &not_modified));
	assert_false(not_modified);
	rig.rq.method = METHOD_PUT;
	assert_err(ERR_OK, response_etag(&rig.rs, &rig.rq, "\"3\"", &not_modified));
	assert_false(not_modified);
	assert_int_equal(rig.rs.status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    rig_test(headers_are_kept_in_order),
	    rig_test(no_header_can_begin_another),
	    rig_test(a_body_that_overflowed_is_no_answer),
	    rig_test(an_etag_makes_304_of_get_alone),
	};

	return cmocka_run_group_tests_name("edge/response", tests, NULL, NULL);
}

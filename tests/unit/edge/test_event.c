#include "tests/unit/edge/rig.h"

#include "shared/edge/event.h"

#define ID    "01900000-0000-7000-8000-000000000001"
#define TRACE "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

static const struct event_head head = {
    .id = {ID},
    .type = "order.created",
    .source = "/items",
    .subject = "subject-1",
    .time_ms = 1000,
    .traceparent = TRACE,
};

static void
an_event_is_written_as_cloudevents_has_it(void **state)
{
	struct json_writer w;

	(void)state;
	event_open(&w, &rig.buf, &head);
	json_put_int(&w, "a", 1);
	event_close(&w);
	assert_string_equal(rig.buf.data,
	    "{\"specversion\":\"1.0\",\"id\":\"" ID
	    "\",\"source\":\"/items\",\"type\":\"order.created\","
	    "\"subject\":\"subject-1\",\"time\":\"1970-01-01T00:00:01.000Z\","
	    "\"datacontenttype\":\"application/json\",\"traceparent\":\"" TRACE
	    "\",\"data\":{\"a\":1}}");
}

static void
what_is_written_is_read(void **state)
{
	struct json_writer w;
	struct event event;
	int64_t number = 0;

	(void)state;
	event_open(&w, &rig.buf, &head);
	json_put_int(&w, "a", 7);
	event_close(&w);
	assert_err(ERR_OK, event_parse(rig.arena, span_of(rig.buf.data, rig.buf.len), &event));
	assert_string_equal(event.head.id.text, ID);
	assert_string_equal(event.head.type, "order.created");
	assert_string_equal(event.head.source, "/items");
	assert_string_equal(event.head.subject, "subject-1");
	assert_string_equal(event.head.traceparent, TRACE);
	assert_int_equal(event.head.time_ms, 1000);
	assert_true(json_get_int(event.data, "a", &number) && number == 7);
}

static void
what_may_be_absent_may_be_absent(void **state)
{
	static const char text[] = "{\"specversion\":\"1.1\",\"id\":\"" ID
				   "\",\"source\":\"/x\",\"type\":\"t\",\"data\":{}}";
	struct event event;

	(void)state;
	assert_err(ERR_OK, event_parse(rig.arena, span_of(text, strlen(text)), &event));
	assert_null(event.head.subject);
	assert_null(event.head.traceparent);
}

static void
what_is_no_event_is_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    "{}",
	    "[]",
	    "null",
	    "{\"specversion\":\"2.0\",\"id\":\"" ID
	    "\",\"source\":\"/x\",\"type\":\"t\",\"data\":{}}",
	    "{\"id\":\"" ID "\",\"source\":\"/x\",\"type\":\"t\",\"data\":{}}",
	    "{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"/x\",\"type\":\"t\",\"data\":{}}",
	    "{\"specversion\":\"1.0\",\"id\":\"" ID "\",\"type\":\"t\",\"data\":{}}",
	    "{\"specversion\":\"1.0\",\"id\":\"" ID "\",\"source\":\"/x\",\"data\":{}}",
	    "{\"specversion\":\"1.0\",\"id\":\"" ID "\",\"source\":\"/x\",\"type\":7,\"data\":{}}",
	    "{\"specversion\":\"1.0\",\"id\":\"" ID
	    "\",\"source\":\"/x\",\"type\":\"t\",\"data\":[]}",
	    "{\"specversion\":\"1.0\",\"id\":\"" ID
	    "\",\"source\":\"/x\",\"type\":\"t\",\"time\":\"now\",\"data\":{}}",
	    "{\"specversion\":\"1.0\",\"id\":\"" ID
	    "\",\"source\":\"/x\",\"type\":\"t\",\"data\":{}",
	};
	struct event event;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_err(
		    ERR_MALFORMED, event_parse(rig.arena, span_of(bad[i], strlen(bad[i])), &event));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    rig_test(an_event_is_written_as_cloudevents_has_it),
	    rig_test(what_is_written_is_read),
	    rig_test(what_may_be_absent_may_be_absent),
	    rig_test(what_is_no_event_is_refused),
	};

	return cmocka_run_group_tests_name("edge/event", tests, NULL, NULL);
}

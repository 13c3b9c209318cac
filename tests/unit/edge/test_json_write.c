#include "tests/unit/edge/rig.h"

#include "shared/edge/json.h"

static void
commas_stand_between_values(void **state)
{
	struct json_writer w;

	(void)state;
	json_writer_init(&w, &rig.buf);
	json_object_open(&w, NULL);
	json_array_open(&w, "none");
	json_array_close(&w);
	json_array_open(&w, "some");
	json_put_int(&w, NULL, INT64_MIN);
	json_put_bool(&w, NULL, true);
	json_object_open(&w, NULL);
	json_object_close(&w);
	json_put_null(&w, NULL);
	json_array_close(&w);
	json_put_money(&w, "price", &(struct money){5, "JPY"});
	json_put_time(&w, "at", 0);
	json_put_raw(&w, "raw", span_of("[1]", 3));
	json_put_text(&w, "none", NULL);
	json_object_close(&w);
	assert_string_equal(rig.buf.data,
	    "{\"none\":[],\"some\":[-9223372036854775808,true,{},null],"
	    "\"price\":{\"amount\":5,\"currency\":\"JPY\"},\"at\":\"1970-01-01T00:00:00.000Z\","
	    "\"raw\":[1],\"none\":null}");
}

static void
texts_are_escaped(void **state)
{
	struct json_writer w;

	(void)state;
	json_writer_init(&w, &rig.buf);
	json_put_text(&w, NULL, "a\"b\\c/\b\f\n\r\t\x01\x1F\x7F");
	assert_string_equal(
	    rig.buf.data, "\"a\\\"b\\\\c/\\u0008\\u000c\\n\\r\\t\\u0001\\u001f\x7F\"");
}

static void
keys_are_escaped_too(void **state)
{
	struct json_writer w;

	(void)state;
	json_writer_init(&w, &rig.buf);
	json_put_int(&w, "a\"b", 1);
	assert_string_equal(rig.buf.data, "\"a\\\"b\":1");
}

static void
what_is_no_utf8_is_replaced(void **state)
{
	struct json_writer w;

	(void)state;
	json_writer_init(&w, &rig.buf);
	json_put_text(&w, NULL, "\xC3\xA9\xFF\xC3(\xED\xA0\x80|\xF0\x9F\x98\x80\xC3");
	assert_string_equal(rig.buf.data,
	    "\"\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD("
	    "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|\xF0\x9F\x98\x80\xEF\xBF\xBD\"");
}

/* Whatever bytes a text holds, it comes back by the reader, valid. */
static void
what_is_written_is_read(void **state)
{
	const struct cJSON *tree;
	struct json_writer w;
	char text[256];

	(void)state;
	for (int i = 1; i < 128; i++)
		text[i - 1] = (char)i;
	text[127] = '\0';
	json_writer_init(&w, &rig.buf);
	json_object_open(&w, NULL);
	json_put_text(&w, text, text);
	json_object_close(&w);
	assert_err(ERR_OK, json_parse(rig.arena, span_of(rig.buf.data, rig.buf.len), NULL, &tree));
	assert_string_equal(json_get_text(tree, text), text);
}

static void
a_parsed_value_is_written_as_it_was(void **state)
{
	static const char text[] = "{\"a\":[1,-9007199254740991,0.5,[],{}],\"b\\\"\":{\"c\":null,"
				   "\"d\":true,\"e\":false},\"f\":\"\\u0001Ã©\\\\\"}";
	const struct cJSON *tree;
	struct json_writer w;

	(void)state;
	assert_err(ERR_OK, json_parse(rig.arena, span_of(text, strlen(text)), NULL, &tree));
	json_writer_init(&w, &rig.buf);
	json_array_open(&w, NULL);
	json_put_value(&w, NULL, tree);
	json_put_value(&w, NULL, json_get_object(tree, "missing"));
	json_put_value(&w, NULL, tree);
	json_array_close(&w);
	assert_int_equal(rig.buf.len, 2 * strlen(text) + 3);
	assert_memory_equal(rig.buf.data + 1, text, strlen(text));
	assert_memory_equal(rig.buf.data + strlen(text) + 2, text, strlen(text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    rig_test(commas_stand_between_values),
	    rig_test(texts_are_escaped),
	    rig_test(keys_are_escaped_too),
	    rig_test(what_is_no_utf8_is_replaced),
	    rig_test(what_is_written_is_read),
	    rig_test(a_parsed_value_is_written_as_it_was),
	};

	return cmocka_run_group_tests_name("edge/json_write", tests, NULL, NULL);
}

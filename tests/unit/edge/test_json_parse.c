#include <stdlib.h>

#include "tests/unit/edge/rig.h"

#include "shared/edge/json_parse.h"
#include "shared/edge/json_scan.h"

static enum err
parse(const char *text, size_t len, const struct cJSON **out)
{
	/* A copy of just its length, so that a sanitizer sees a read past the end. */
	char *copy = malloc(len > 0 ? len : 1);
	enum err err;

	assert_non_null(copy);
	memcpy(copy, text, len);
	err = json_parse(rig.arena, span_of(copy, len), &rig.rq.fault, out);
	free(copy);
	return err;
}

static void
what_is_json_is_taken(void **state)
{
	static const char *const good[] = {
	    "{}",
	    " [ ] ",
	    "\t\r\n{\"a\" : [ 1 , {\"b\":null} ] , \"c\":true}\n",
	    "false",
	    "\"\"",
	    "0",
	    "-0",
	    "-0.5e+3",
	    "1E5",
	    "12.250000000000000000000",
	    "0.000000000000000000001",
	    "123456789012345678901234567890",
	    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"",
	    "\"\x7F \xC3\xA9 \xF0\x9F\x98\x80\"",
	    "{\"\":1,\"a\":2,\"A\":3}",
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
	};
	const struct cJSON *tree;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_err(ERR_OK, parse(good[i], strlen(good[i]), &tree));
}

/* None of these is JSON, or they can't be kept. */
static const char *const not_json[] = {
    "",
    " ",
    "{",
    "}",
    "[",
    "]",
    "{]",
    "[}",
    "[1,]",
    "[,1]",
    "[1 2]",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{a:1}",
    "{'a':1}",
    "{\"a\":1 \"b\":2}",
    "{1:2}",
    "{} {}",
    "{}x",
    "nul",
    "nulL",
    "truefalse",
    "True",
    "NaN",
    "Infinity",
    "-",
    "+1",
    "01",
    "-01",
    "1.",
    ".5",
    "1.e5",
    "1e",
    "1e+",
    "0x10",
    "1_000",
    "\"",
    "\"a",
    "\"\\",
    "\"\\\"",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\uD800\"",
    "\"\\uD800\\n\"",
    "\"\\uD800\\u0041\"",
    "\"\\uDC00\"",
    "\"a\nb\"",
    "\"a\tb\"",
    "\"\x01\"",
    "\"\xFF\"",
    "\"\xC0\x80\"",
    "\"\xED\xA0\x80\"",
    "\xEF\xBB\xBF{}",
    "// no\n{}",
    "[1]/**/",
    "{\"a\\u0000b\":1}",
    "1.0000000000000001",
    "123456789.1234567",
    "1e301",
    "1e-301",
    "1e99999999999999999999",
    "1234567890123456789012345678901234567890123456789012345678901",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
};

static void
what_is_not_json_is_refused(void **state)
{
	const struct cJSON *tree = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(not_json); i++) {
		if (parse(not_json[i], strlen(not_json[i]), &tree) != ERR_MALFORMED)
			fail_msg("taken: %s", not_json[i]);
		assert_non_null(rig.rq.fault.detail);
	}
	assert_err(ERR_MALFORMED, parse("{}\0", 3, &tree));
	assert_err(ERR_MALFORMED, parse("\"a\0b\"", 5, &tree));
	assert_err(ERR_MALFORMED, parse("\0", 1, &tree));
	assert_null(tree);
}

static void
a_member_twice_is_refused(void **state)
{
	static const char *const bad[] = {
	    "{\"a\":1,\"a\":1}",
	    "{\"a\":1,\"\\u0061\":2}",
	    "[{\"x\":{\"b\":1,\"c\":2,\"b\":3}}]",
	    "{\"\":1,\"\":1}",
	    "{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,"
	    "\"9\":1,\"0\":1,\"4\":1}",
	};
	const struct cJSON *tree;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_err(ERR_MALFORMED, parse(bad[i], strlen(bad[i]), &tree));
	assert_string_equal(rig.rq.fault.detail, "An object has the member \"4\" twice.");
}

/* cJSON's text would end at the NUL: nothing may take "ab" for it. */
static void
a_nul_is_known_by_its_string(void **state)
{
	static const char text[] = "[\"a\",{\"n\":\"ab\\u0000c\"},\"\\\\u0000\",\"\\u0000\"]";
	const struct cJSON *tree;
	const struct cJSON *inner;

	(void)state;
	assert_err(ERR_OK, parse(text, strlen(text), &tree));
	inner = json_array_at(tree, 1);
	assert_string_equal(json_value_text(json_array_at(tree, 0)), "a");
	assert_null(json_get_text(inner, "n"));
	assert_string_equal(json_value_text(json_array_at(tree, 2)), "\\u0000");
	assert_null(json_value_text(json_array_at(tree, 3)));
	assert_true(json_value_has_nul(json_array_at(tree, 3)));
	assert_false(json_value_has_nul(json_array_at(tree, 0)));
}

static void
more_nuls_than_anyone_needs_are_refused(void **state)
{
	const struct cJSON *tree;
	struct buf buf auto_buf;

	(void)state;
	buf_init(&buf, 1000);
	for (int i = 0; i <= JSON_NULS_MAX; i++)
		buf_puts(&buf, i == 0 ? "[\"\\u0000\"" : ",\"\\u0000\"");
	buf_puts(&buf, "]");
	assert_err(ERR_MALFORMED, parse(buf.data, buf.len, &tree));
}

static void
trusted_documents_are_read_by_name(void **state)
{
	static const char text[] =
	    "{\"t\":\"x\",\"i\":12,\"e\":1e2,\"f\":1.5,\"big\":9007199254740993,"
	    "\"max\":-9007199254740991,\"b\":true,\"n\":null,\"a\":[1,\"y\"],\"o\":{}}";
	const struct cJSON *tree;
	int64_t number = -1;
	bool flag = false;

	(void)state;
	assert_err(ERR_OK, parse(text, strlen(text), &tree));
	assert_string_equal(json_get_text(tree, "t"), "x");
	assert_null(json_get_text(tree, "T"));
	assert_null(json_get_text(tree, "i"));
	assert_null(json_get_text(tree, "n"));
	assert_true(json_get_int(tree, "i", &number) && number == 12);
	assert_true(json_get_int(tree, "e", &number) && number == 100);
	assert_true(json_get_int(tree, "max", &number) && number == -JSON_INT_MAX);
	assert_false(json_get_int(tree, "f", &number));
	assert_false(json_get_int(tree, "big", &number));
	assert_false(json_get_int(tree, "t", &number));
	assert_true(json_get_bool(tree, "b", &flag) && flag);
	assert_false(json_get_bool(tree, "i", &flag));
	assert_non_null(json_get_object(tree, "o"));
	assert_null(json_get_object(tree, "a"));
	assert_null(json_get_array(tree, "o"));
	assert_int_equal(json_array_size(json_get_array(tree, "a")), 2);
	assert_string_equal(json_value_text(json_next(json_first(json_get_array(tree, "a")))), "y");
	assert_null(json_array_at(json_get_array(tree, "a"), 2));
	assert_null(json_first(json_get_object(tree, "o")));
	assert_null(json_get_text(NULL, "t"));
	assert_int_equal(json_array_size(NULL), 0);
	assert_null(json_first(NULL));
}

/* 1 MiB made to be slow: it takes no more than linear time, or the test is still running. */
static void
hostile_documents_are_soon_dealt_with(void **state)
{
	const struct cJSON *tree;
	struct buf buf auto_buf;

	(void)state;
	buf_init(&buf, (size_t)4 << 20);
	for (size_t i = 0; i < (size_t)1 << 20; i++)
		buf_putc(&buf, '[');
	assert_err(ERR_MALFORMED, parse(buf.data, buf.len, &tree));
	buf_reset(&buf);
	for (int i = 0; i < 100000; i++)
		buf_printf(&buf, "%c\"%d\":%d", i == 0 ? '{' : ',', i, i);
	buf_putc(&buf, '}');
	assert_err(ERR_OK, parse(buf.data, buf.len, &tree));
	assert_err(ERR_MALFORMED,
	    json_parse_limited(rig.arena, span_of(buf.data, buf.len), 20000, &rig.rq.fault, &tree));
}

static void
the_tree_goes_with_the_arena(void **state)
{
	const struct cJSON *tree;

	(void)state;
	while (arena_alloc(rig.arena, 64) != NULL)
		continue;
	assert_err(ERR_MEMORY, parse("{}", 2, &tree));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    rig_test(what_is_json_is_taken),
	    rig_test(what_is_not_json_is_refused),
	    rig_test(a_member_twice_is_refused),
	    rig_test(a_nul_is_known_by_its_string),
	    rig_test(more_nuls_than_anyone_needs_are_refused),
	    rig_test(trusted_documents_are_read_by_name),
	    rig_test(hostile_documents_are_soon_dealt_with),
	    rig_test(the_tree_goes_with_the_arena),
	};

	return cmocka_run_group_tests_name("edge/json_parse", tests, NULL, NULL);
}

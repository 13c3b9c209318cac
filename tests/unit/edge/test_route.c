#include <stdlib.h>

#include "tests/unit/edge/rig.h"

#include "shared/edge/route.h"

static const struct route routes[] = {
    {.method = METHOD_GET, .pattern = "/item", .operation_id = "listItems"},
    {.method = METHOD_POST,
	.pattern = "/item",
	.operation_id = "makeItem",
	.access = ACCESS_BEARER},
    {.method = METHOD_GET, .pattern = "/item/new", .operation_id = "newItem"},
    {.method = METHOD_GET,
	.pattern = "/item/{id}",
	.operation_id = "getItem",
	.access = ACCESS_OPTIONAL},
    {.method = METHOD_DELETE,
	.pattern = "/item/{id}",
	.operation_id = "dropItem",
	.access = ACCESS_ADMIN},
    {.method = METHOD_POST,
	.pattern = "/a/{x}/b/{y}/{z}",
	.operation_id = "abc",
	.access = ACCESS_INTERNAL},
    {.pattern = NULL},
};

static enum err
find(enum method method, const char *path)
{
	rig.rq.method = method;
	rig.rq.path = path;
	rig.rq.route = NULL;
	memset(rig.rq.params, 0, sizeof(rig.rq.params));
	return route_find(routes, &rig.rq);
}

static void
assert_found(enum method method, const char *path, const char *operation_id)
{
	assert_err(ERR_OK, find(method, path));
	assert_non_null(rig.rq.route);
	assert_string_equal(rig.rq.route->operation_id, operation_id);
}

static void
routes_are_found(void **state)
{
	(void)state;
	assert_found(METHOD_GET, "/item", "listItems");
	assert_found(METHOD_HEAD, "/item", "listItems");
	assert_found(METHOD_POST, "/item", "makeItem");
	assert_found(METHOD_GET, "/item/new", "newItem");
	assert_found(METHOD_GET, "/item/7", "getItem");
	assert_string_equal(rig.rq.params[0], "7");
	assert_null(rig.rq.params[1]);
	assert_found(METHOD_GET, "/%69tem", "listItems");
	assert_found(METHOD_POST, "/a/1%2F2/b/%C3%A9/..", "abc");
	assert_string_equal(rig.rq.params[0], "1/2");
	assert_string_equal(rig.rq.params[1], "\xC3\xA9");
	assert_string_equal(rig.rq.params[2], "..");
}

static void
unknown_paths_are_not_found(void **state)
{
	static const char *const unknown[] = {
	    "",
	    "/",
	    "*",
	    "item",
	    "/items",
	    "/ite",
	    "/item/",
	    "//item",
	    "/item//7",
	    "/item/7/8",
	    "/ITEM",
	    "/item%2F7",
	    "/item/%",
	    "/item/%0",
	    "/item/%00",
	    "/item/%ff",
	    "/a/1/b/2",
	    "/1/2/3/4/5/6/7/8/9/10/11/12",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(unknown); i++) {
		assert_err(ERR_NOT_FOUND, find(METHOD_GET, unknown[i]));
		assert_err(ERR_NOT_FOUND, find(METHOD_OPTIONS, unknown[i]));
	}
}

static void
other_methods_are_told_which_there_are(void **state)
{
	(void)state;
	assert_err(ERR_METHOD, find(METHOD_PUT, "/item"));
	assert_string_equal(rig.rq.fault.allow, "GET, HEAD, POST, OPTIONS");
	assert_null(rig.rq.route);
	assert_err(ERR_METHOD, find(METHOD_OTHER, "/item/7"));
	assert_string_equal(rig.rq.fault.allow, "GET, HEAD, DELETE, OPTIONS");
	assert_err(ERR_METHOD, find(METHOD_HEAD, "/a/1/b/2/3"));
	assert_string_equal(rig.rq.fault.allow, "POST, OPTIONS");
	assert_err(ERR_OK, find(METHOD_OPTIONS, "/a/1/b/2/3"));
	assert_null(rig.rq.route);
	assert_string_equal(rig.rq.fault.allow, "POST, OPTIONS");
}

static void
methods_have_names(void **state)
{
	(void)state;
	assert_int_equal(method_parse("GET"), METHOD_GET);
	assert_int_equal(method_parse("PATCH"), METHOD_PATCH);
	assert_int_equal(method_parse("get"), METHOD_OTHER);
	assert_int_equal(method_parse(""), METHOD_OTHER);
	assert_string_equal(method_name(METHOD_DELETE), "DELETE");
	assert_string_equal(method_name(METHOD_OTHER), "OTHER");
	assert_string_equal(
	    method_list(rig.arena, 0xFF), "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
	assert_string_equal(method_list(rig.arena, 0), "");
}

static void
the_table_is_printed(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	route_print(routes, out);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text,
	    "GET /item listItems public\n"
	    "POST /item makeItem bearer\n"
	    "GET /item/new newItem public\n"
	    "GET /item/{id} getItem optional\n"
	    "DELETE /item/{id} dropItem admin\n"
	    "POST /a/{x}/b/{y}/{z} abc internal\n");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    rig_test(routes_are_found),
	    rig_test(unknown_paths_are_not_found),
	    rig_test(other_methods_are_told_which_there_are),
	    rig_test(methods_have_names),
	    rig_test(the_table_is_printed),
	};

	return cmocka_run_group_tests_name("edge/route", tests, NULL, NULL);
}

#include "tests/unit/edge/rig.h"

#include "shared/edge/json.h"
#include "shared/edge/page.h"

#define ID "01900000-0000-7000-8000-000000000001"

static const struct span secret = {"secret", 6};

/* Reads a page of QUERY; its faults must be those. */
static struct page
read_page(const char *text, const char *scope, struct span key, const char *faults)
{
	static const struct text_rule any = {.max = 1000};
	const char *ignored;
	struct query query;
	struct page page;

	rig_forget();
	rig.rq.query = text;
	assert_err(ERR_OK, query_begin(&query, &rig.rq));
	query_read_text(&query, "q", &any, &ignored, NULL);
	query_read_text(&query, "tag", &any, &ignored, NULL);
	page_read(&query, key, scope, &page);
	assert_err(*faults == '\0' ? ERR_OK : ERR_VALIDATION, query_end(&query));
	assert_string_equal(rig_faults(), faults);
	return page;
}

/* Ends a page of the list "item" with NEXT; the cursor, or NULL. */
static const char *
finish_page(const char *text, const struct page_key *next)
{
	const struct cJSON *tree;
	struct json_writer w;
	struct query query;

	rig_forget();
	rig.rq.path = "/item";
	rig.rq.query = text;
	response_init(&rig.rs, rig.arena, &rig.buf);
	assert_err(ERR_OK, query_begin(&query, &rig.rq));
	json_writer_init(&w, &rig.buf);
	json_object_open(&w, NULL);
	json_array_open(&w, "data");
	assert_err(ERR_OK, page_finish(&query, &rig.rs, &w, secret, "item", next));
	assert_int_equal(rig.rs.status, 200);
	assert_err(ERR_OK, json_parse(rig.arena, rig.rs.body, NULL, &tree));
	assert_non_null(json_get_array(tree, "data"));
	return json_get_text(tree, "next_cursor");
}

static const char *
with_cursor(const char *text, const char *cursor)
{
	return arena_printf(rig.arena, "%s&cursor=%s", text, cursor);
}

static void
limits_have_bounds(void **state)
{
	(void)state;
	assert_int_equal(read_page("", "item", secret, "").limit, 20);
	assert_int_equal(read_page("limit=1", "item", secret, "").limit, 1);
	assert_int_equal(read_page("limit=100", "item", secret, "").limit, 100);
	(void)read_page("limit=101", "item", secret, "limit out_of_range");
	(void)read_page("limit=0", "item", secret, "limit out_of_range");
	(void)read_page("limit=x", "item", secret, "limit bad_format");
}

static void
a_cursor_comes_back(void **state)
{
	const struct page_key by_number = {.number = -1234567890123, .id = {ID}};
	const struct page_key by_text = {.text = "\xC3\xA9t\xC3\xA9 \"x\"", .id = {ID}};
	struct page page;

	(void)state;
	page = read_page(with_cursor("q=a", finish_page("q=a", &by_number)), "item", secret, "");
	assert_true(page.has_after);
	assert_true(page.after_number == -1234567890123);
	assert_null(page.after_text);
	assert_string_equal(page.after_id.text, ID);
	page = read_page(with_cursor("q=a", finish_page("q=a", &by_text)), "item", secret, "");
	assert_string_equal(page.after_text, by_text.text);
	assert_false(read_page("q=a", "item", secret, "").has_after);
}

static void
the_last_page_has_no_next(void **state)
{
	(void)state;
	assert_null(finish_page("q=a", NULL));
	assert_string_equal(rig.rs.body.data, "{\"data\":[],\"next_cursor\":null}");
	assert_string_equal(rig_answer_header("Link"), "");
}

static void
a_cursor_belongs_to_its_list_and_filter(void **state)
{
	const struct page_key next = {.number = 1, .id = {ID}};
	const char *cursor = finish_page("q=a&tag=b&limit=5", &next);

	(void)state;
	(void)read_page(with_cursor("q=a&tag=b", cursor), "item", secret, "");
	(void)read_page(with_cursor("limit=9&tag=b&q=a", cursor), "item", secret, "");
	(void)read_page(with_cursor("tag=%62&q=a", cursor), "item", secret, "");
	(void)read_page(with_cursor("q=a", cursor), "item", secret, "cursor bad_format");
	(void)read_page(with_cursor("q=a&tag=c", cursor), "item", secret, "cursor bad_format");
	(void)read_page(with_cursor("q=a%26tag%3Db", cursor), "item", secret, "cursor bad_format");
	(void)read_page(with_cursor("q=b&tag=a", cursor), "item", secret, "cursor bad_format");
	(void)read_page(with_cursor("q=a&tag=b", cursor), "order", secret, "cursor bad_format");
	(void)read_page(
	    with_cursor("q=a&tag=b", cursor), "item", span_of("other", 5), "cursor bad_format");
}

static void
a_forged_cursor_is_refused(void **state)
{
	const struct page_key next = {.number = 1, .text = "t", .id = {ID}};
	const char *cursor = finish_page("", &next);
	static const char *const bad[] = {"x", "AAAA", "====", "!"};

	(void)state;
	for (size_t i = 0; i < strlen(cursor); i++) {
		char *bent = arena_strdup(rig.arena, cursor);

		bent[i] = bent[i] == 'A' ? 'B' : 'A';
		(void)read_page(with_cursor("", bent), "item", secret, "cursor bad_format");
		bent[i] = '\0';
		(void)read_page(with_cursor("", bent), "item", secret,
		    i == 0 ? "cursor too_short" : "cursor bad_format");
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		(void)read_page(with_cursor("", bad[i]), "item", secret, "cursor bad_format");
}

static void
the_link_keeps_the_other_parameters(void **state)
{
	const struct page_key next = {.number = 1, .id = {ID}};
	const char *cursor = finish_page("q=a%20%26%3E%C3%A9&limit=5&cursor=old", &next);

	(void)state;
	assert_string_equal(rig_answer_header("Link"),
	    arena_printf(rig.arena,
		"</item?q=a%%20%%26%%3E%%C3%%A9&limit=5&cursor=%s>; rel=\"next\"", cursor));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    rig_test(limits_have_bounds),
	    rig_test(a_cursor_comes_back),
	    rig_test(the_last_page_has_no_next),
	    rig_test(a_cursor_belongs_to_its_list_and_filter),
	    rig_test(a_forged_cursor_is_refused),
	    rig_test(the_link_keeps_the_other_parameters),
	};

	return cmocka_run_group_tests_name("edge/page", tests, NULL, NULL);
}

#include "tests/unit/edge/rig.h"

#include "shared/edge/request_cgi.h"

static void
headers_are_found_by_their_usual_names(void **state)
{
	(void)state;
	rig.headers[0] = arena_strdup(rig.arena, "CONTENT_TYPE=a/b");
	rig.headers[1] = arena_strdup(rig.arena, "HTTP_IF_MATCH=\"1\"");
	rig.headers[2] = arena_strdup(rig.arena, "HTTP_IF_MATCH_NOT=x");
	rig.headers[3] = arena_strdup(rig.arena, "REMOTE_ADDR=192.0.2.1");
	rig.headers[4] = arena_strdup(rig.arena, "HTTP_EMPTY=");
	assert_string_equal(request_header(&rig.rq, "If-Match"), "\"1\"");
	assert_string_equal(request_header(&rig.rq, "if-match"), "\"1\"");
	assert_string_equal(request_header(&rig.rq, "Content-Type"), "a/b");
	assert_string_equal(request_header(&rig.rq, "Empty"), "");
	assert_null(request_header(&rig.rq, "If"));
	assert_null(request_header(&rig.rq, "Remote-Addr"));
	assert_null(request_header(&rig.rq, "Content-Length"));
	assert_null(request_header(&rig.rq, "HTTP-If-Match"));
}

static void
a_bearer_token_is_read_or_refused(void **state)
{
	static const struct {
		const char *header;
		enum err err;
		const char *token;
	} cases[] = {
	    {"HTTP_X=y", ERR_OK, NULL},
	    {"HTTP_AUTHORIZATION=Bearer abc.DEF-1_2~3+/==", ERR_OK, "abc.DEF-1_2~3+/=="},
	    {"HTTP_AUTHORIZATION=bEARER   abc", ERR_OK, "abc"},
	    {"HTTP_AUTHORIZATION=Basic abc", ERR_OK, NULL},
	    {"HTTP_AUTHORIZATION=Bearerx abc", ERR_OK, NULL},
	    {"HTTP_AUTHORIZATION=", ERR_OK, NULL},
	    {"HTTP_AUTHORIZATION=Bearer", ERR_TOKEN_INVALID, NULL},
	    {"HTTP_AUTHORIZATION=Bearer ", ERR_TOKEN_INVALID, NULL},
	    {"HTTP_AUTHORIZATION=Bearer a b", ERR_TOKEN_INVALID, NULL},
	    {"HTTP_AUTHORIZATION=Bearer a,Bearer b", ERR_TOKEN_INVALID, NULL},
	    {"HTTP_AUTHORIZATION=Bearer =a", ERR_TOKEN_INVALID, NULL},
	    {"HTTP_AUTHORIZATION=Bearer a=b", ERR_TOKEN_INVALID, NULL},
	    {"HTTP_AUTHORIZATION=Bearer \xC3\xA9", ERR_TOKEN_INVALID, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *token = "unset";

		rig_header(cases[i].header);
		assert_err(cases[i].err, request_bearer(&rig.rq, &token));
		if (cases[i].token == NULL)
			assert_null(token);
		else
			assert_string_equal(token, cases[i].token);
	}
}

static void
a_cookie_is_found_among_others(void **state)
{
	static const struct {
		const char *header, *value;
	} cases[] = {
	    {"HTTP_X=y", NULL},
	    {"HTTP_COOKIE=", NULL},
	    {"HTTP_COOKIE=id=1", "1"},
	    {"HTTP_COOKIE=a=b; id=1; c=d", "1"},
	    {"HTTP_COOKIE=;; id=;id=2", ""},
	    {"HTTP_COOKIE=myid=1; ids=2; i=3; id", NULL},
	    {"HTTP_COOKIE=x id=1", "1"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *value;

		rig_header(cases[i].header);
		value = request_cookie(&rig.rq, "id");
		if (cases[i].value == NULL)
			assert_null(value);
		else
			assert_string_equal(value, cases[i].value);
	}
}

static void
a_parameter_that_is_no_id_names_nothing(void **state)
{
	struct id id;

	(void)state;
	rig.rq.params[0] = "01900000-0000-7000-8000-00000000000A";
	assert_err(ERR_OK, request_id_param(&rig.rq, 0, &id));
	assert_string_equal(id.text, "01900000-0000-7000-8000-00000000000a");
	rig.rq.params[0] = "../etc/passwd";
	assert_err(ERR_NOT_FOUND, request_id_param(&rig.rq, 0, &id));
	rig.rq.params[0] = "";
	assert_err(ERR_NOT_FOUND, request_id_param(&rig.rq, 0, &id));
}

static void
if_match_compares_strongly(void **state)
{
	static const struct {
		const char *header;
		enum err err;
	} cases[] = {
	    {"HTTP_X=y", ERR_OK},
	    {"HTTP_IF_MATCH=\"3\"", ERR_OK},
	    {"HTTP_IF_MATCH=*", ERR_OK},
	    {"HTTP_IF_MATCH=\"1\", \"3\"", ERR_OK},
	    {"HTTP_IF_MATCH=\"1\",\"2\" , \"3\"", ERR_OK},
	    {"HTTP_IF_MATCH=W/\"3\"", ERR_PRECONDITION},
	    {"HTTP_IF_MATCH=\"2\"", ERR_PRECONDITION},
	    {"HTTP_IF_MATCH=3", ERR_PRECONDITION},
	    {"HTTP_IF_MATCH=\"3", ERR_PRECONDITION},
	    {"HTTP_IF_MATCH=", ERR_PRECONDITION},
	    {"HTTP_IF_MATCH=\"1\", junk, \"3\"", ERR_PRECONDITION},
	    {"HTTP_IF_MATCH=\"33\"", ERR_PRECONDITION},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		rig_header(cases[i].header);
		assert_err(cases[i].err, request_if_match(&rig.rq, "\"3\""));
	}
	assert_string_equal(rig.rq.fault.detail,
	    "Its ETag is \"3\" now; read it again, then repeat with that in If-Match.");
}

static void
if_none_match_compares_weakly(void **state)
{
	(void)state;
	assert_false(request_none_match(&rig.rq, "\"3\""));
	rig_header("HTTP_IF_NONE_MATCH=W/\"3\"");
	assert_true(request_none_match(&rig.rq, "\"3\""));
	rig_header("HTTP_IF_NONE_MATCH=\"1\", \"3\"");
	assert_true(request_none_match(&rig.rq, "W/\"3\""));
	rig_header("HTTP_IF_NONE_MATCH=*");
	assert_true(request_none_match(&rig.rq, "\"3\""));
	rig_header("HTTP_IF_NONE_MATCH=\"4\"");
	assert_false(request_none_match(&rig.rq, "\"3\""));
	rig_header("HTTP_IF_NONE_MATCH=\"a,\"3\"");
	assert_false(request_none_match(&rig.rq, "\"3\""));
}

/* What is left of 100 s for a request that came AGO_S ago, by the clock that all read. */
static int64_t
left_after(int64_t ago_s)
{
	const int64_t came_ms = clock_now_ms(&clock_system) - ago_s * 1000;
	char *envp[] = {
	    arena_printf(rig.arena, "REQUEST_ARRIVED_MS=%lld", (long long)came_ms), NULL};
	struct request rq;

	request_init(&rq, rig.arena, NULL, &clock_system);
	assert_err(ERR_OK, request_from_cgi(&rq, envp, "", 100000));
	return deadline_left_ms(&rq.deadline) / 1000;
}

static void
its_time_counts_from_when_it_came(void **state)
{
	(void)state;
	assert_in_range(left_after(0), 50, 100);
	assert_in_range(left_after(60), 1, 40);
	assert_int_equal(left_after(100), 0);
	assert_int_equal(left_after(500), 0);
	/* A clock was set. */
	assert_in_range(left_after(-500), 50, 100);
	assert_in_range(left_after(3600), 50, 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    rig_test(headers_are_found_by_their_usual_names),
	    rig_test(a_bearer_token_is_read_or_refused),
	    rig_test(a_cookie_is_found_among_others),
	    rig_test(a_parameter_that_is_no_id_names_nothing),
	    rig_test(if_match_compares_strongly),
	    rig_test(if_none_match_compares_weakly),
	    rig_test(its_time_counts_from_when_it_came),
	};

	return cmocka_run_group_tests_name("edge/request", tests, NULL, NULL);
}

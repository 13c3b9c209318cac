#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "shared/infra/http_client.h"
#include "tests/unit/infra/http_server.h"

#define LONG_MS 20000

static struct http_server server;
static struct http_client *client;
static struct buf body;

static enum err
get_within(int64_t ms, const char *url, const char *if_none_match, struct http_answer *answer)
{
	struct deadline deadline = deadline_in(&clock_system, ms);

	return http_client_get(client, &deadline, url, if_none_match, &body, answer);
}

static enum err
get(const char *path, const char *if_none_match, struct http_answer *answer)
{
	char url[256];

	(void)snprintf(url, sizeof(url), "%s%s", server.url, path);
	return get_within(LONG_MS, url, if_none_match, answer);
}

static void
an_answer_has_status_body_and_etag(void **state)
{
	struct http_answer answer;

	(void)state;
	http_server_say(&server, "/a", 200, "{\"a\":1}", "\"v1\"");
	assert_err(ERR_OK, get("/a", NULL, &answer));
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.etag, "\"v1\"");
	assert_string_equal(body.data, "{\"a\":1}");
}

static void
the_body_is_new_each_time(void **state)
{
	struct http_answer answer;

	(void)state;
	http_server_say(&server, "/a", 200, "first and long", "");
	assert_err(ERR_OK, get("/a", NULL, &answer));
	http_server_say(&server, "/a", 200, "second", "");
	assert_err(ERR_OK, get("/a", NULL, &answer));
	assert_string_equal(body.data, "second");
	assert_string_equal(answer.etag, "");
}

static void
what_is_unchanged_is_304(void **state)
{
	struct http_answer answer;

	(void)state;
	http_server_say(&server, "/a", 200, "text", "\"v1\"");
	assert_err(ERR_OK, get("/a", "\"v1\"", &answer));
	assert_int_equal(answer.status, 304);
	assert_int_equal(body.len, 0);
	assert_err(ERR_OK, get("/a", "\"v0\"", &answer));
	assert_int_equal(answer.status, 200);
	/* The condition of one question is not the next one's. */
	assert_err(ERR_OK, get("/a", NULL, &answer));
	assert_string_equal(http_server_row(&server, "/a").if_none_match, "");
	assert_err(ERR_OK, get("/a", "", &answer));
	assert_string_equal(http_server_row(&server, "/a").if_none_match, "");
}

static void
a_condition_can_not_end_its_header(void **state)
{
	struct http_answer answer;

	(void)state;
	http_server_say(&server, "/a", 200, "text", "");
	assert_err(ERR_MALFORMED, get("/a", "\"x\"\r\nX-Evil: 1", &answer));
}

static void
any_status_is_an_answer(void **state)
{
	struct http_answer answer;

	(void)state;
	http_server_say(&server, "/a", 503, "away", "");
	assert_err(ERR_OK, get("/a", NULL, &answer));
	assert_int_equal(answer.status, 503);
	assert_err(ERR_OK, get("/nothing", NULL, &answer));
	assert_int_equal(answer.status, 404);
}

static void
a_redirect_is_not_followed(void **state)
{
	struct http_answer answer;

	(void)state;
	http_server_say(&server, "/old", 302, "", "");
	http_server_say(&server, "/new", 200, "", "");
	http_row_of(&server, "/old")->key = "Location";
	http_row_of(&server, "/old")->value = "/new";
	assert_err(ERR_OK, get("/old", NULL, &answer));
	assert_int_equal(answer.status, 302);
	assert_int_equal(http_server_row(&server, "/new").asked, 0);
}

static void
a_body_beyond_the_maximum_is_refused(void **state)
{
	struct http_answer answer;
	char text[2048];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	http_server_say(&server, "/a", 200, text, "");
	assert_err(ERR_MEMORY, get("/a", NULL, &answer));
	text[1024] = '\0';
	http_server_say(&server, "/a", 200, text, "");
	assert_err(ERR_OK, get("/a", NULL, &answer));
	assert_int_equal(body.len, 1024);
}

static void
a_call_ends_by_its_deadline(void **state)
{
	struct http_answer answer;
	char url[64];

	(void)state;
	(void)snprintf(url, sizeof(url), "%s/slow", server.url);
	http_server_say(&server, "/slow", 200, "late", "");
	http_server_hang(&server, "/slow", true);
	assert_err(ERR_DEADLINE, get_within(50, url, NULL, &answer));
	http_server_hang(&server, "/slow", false);
	assert_err(ERR_DEADLINE, get_within(0, url, NULL, &answer));
	/* The client goes on. */
	assert_err(ERR_OK, get_within(LONG_MS, url, NULL, &answer));
	assert_string_equal(body.data, "late");
}

static void
other_addresses_are_no_answer(void **state)
{
	static const char *const urls[] = {"", "http://", "file:///etc/passwd", "ftp://127.0.0.1/",
	    "gopher://127.0.0.1:1/x", "http://127.0.0.1:1/"};
	struct http_answer answer;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(urls); i++)
		assert_err(ERR_UNAVAILABLE, get_within(LONG_MS, urls[i], NULL, &answer));
}

static void
proxies_of_the_environment_are_not_used(void **state)
{
	struct http_answer answer;

	(void)state;
	assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
	http_server_say(&server, "/a", 200, "direct", "");
	assert_err(ERR_OK, get("/a", NULL, &answer));
	assert_int_equal(unsetenv("http_proxy"), 0);
}

static int
set_up(void **state)
{
	(void)state;
	http_server_start(&server);
	buf_init(&body, 1024);
	return http_client_new(&client) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	http_client_free(&client);
	http_client_free(&client);
	http_server_stop(&server);
	buf_fini(&body);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_answer_has_status_body_and_etag),
	    cmocka_unit_test(the_body_is_new_each_time),
	    cmocka_unit_test(what_is_unchanged_is_304),
	    cmocka_unit_test(a_condition_can_not_end_its_header),
	    cmocka_unit_test(any_status_is_an_answer),
	    cmocka_unit_test(a_redirect_is_not_followed),
	    cmocka_unit_test(a_body_beyond_the_maximum_is_refused),
	    cmocka_unit_test(a_call_ends_by_its_deadline),
	    cmocka_unit_test(other_addresses_are_no_answer),
	    cmocka_unit_test(proxies_of_the_environment_are_not_used),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

#include <dlfcn.h>
#include <netdb.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "shared/infra/http_poster.h"
#include "shared/infra/resolver.h"
#include "tests/unit/infra/certificate.h"
#include "tests/unit/infra/http_server.h"

#define LONG_MS   20000
#define TRANSFERS 2

/* A name whose address changes: what it has the next time it is looked up. */
#define CHANGING_NAME "changing.example"
static const char *changing_address;
static unsigned looked_up;

static struct http_server server;
static struct http_poster *poster;

/* In place of the library's, for libcurl too. */
int
getaddrinfo(
    const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
	int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
	if (node == NULL || !str_equal(node, CHANGING_NAME))
		return next(node, service, hints, result);
	looked_up++;
	return next(changing_address, service, hints, result);
}

static void
use_poster(bool allow_private, int64_t timeout_ms)
{
	const struct http_poster_rules rules = {
	    .allow_http = true,
	    .allow_private = allow_private,
	    .timeout_ms = timeout_ms,
	    .transfers_max = TRANSFERS,
	    .user_agent = "test",
	};

	http_poster_free(&poster);
	assert_err(ERR_OK, http_poster_new(&rules, &clock_system, &poster));
}

static const char *
url_of(const char *path)
{
	static char url[256];

	(void)snprintf(url, sizeof(url), "%s%s", server.url, path);
	return url;
}

static enum err
begin(const char *url, void *context)
{
	const struct http_post post = {
	    .url = url,
	    .headers = {"Content-Type: text/plain", "webhook-id: 17"},
	    .body = span_of("hello", 5),
	    .context = context,
	};

	return http_poster_begin(poster, &post);
}

/* The next that ends. */
static struct http_posted
ended(void)
{
	const struct deadline deadline = deadline_in(&clock_system, LONG_MS);
	struct http_posted posted = {.status = -1};

	while (http_poster_next(poster, &posted) != ERR_OK) {
		assert_true(deadline_left_ms(&deadline) > 0);
		http_poster_wait(poster, 100, -1);
	}
	return posted;
}

static struct http_posted
post(const char *url)
{
	assert_err(ERR_OK, begin(url, NULL));
	return ended();
}

static void
a_post_arrives_with_headers_and_body(void **state)
{
	struct http_posted posted;
	int mark;

	(void)state;
	http_server_say(&server, "/a", 200, "thanks", "");
	assert_err(ERR_OK, begin(url_of("/a"), &mark));
	assert_int_equal(http_poster_count(poster), 1);
	posted = ended();
	assert_int_equal(http_poster_count(poster), 0);
	assert_ptr_equal(posted.context, &mark);
	assert_int_equal(posted.status, 200);
	assert_string_equal(posted.error, "");
	assert_int_equal(posted.response_len, 6);
	assert_memory_equal(posted.response, "thanks", 6);
	assert_string_equal(http_server_row(&server, "/a").received, "hello");
	assert_string_equal(http_server_row(&server, "/a").posted_id, "17");
}

static void
of_a_long_answer_the_beginning_is_kept(void **state)
{
	char text[HTTP_BODY_MAX];
	struct http_posted posted;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	http_server_say(&server, "/a", 500, text, "");
	posted = post(url_of("/a"));
	assert_int_equal(posted.status, 500);
	assert_int_equal(posted.response_len, HTTP_POSTED_RESPONSE_MAX);
	/* The next one's is its own. */
	http_server_say(&server, "/a", 200, "short", "");
	assert_int_equal(post(url_of("/a")).response_len, 5);
}

static void
a_redirect_is_an_answer(void **state)
{
	(void)state;
	http_server_say(&server, "/old", 302, "", "");
	http_server_say(&server, "/new", 200, "", "");
	http_row_of(&server, "/old")->key = "Location";
	http_row_of(&server, "/old")->value = "/new";
	assert_int_equal(post(url_of("/old")).status, 302);
	assert_int_equal(http_server_row(&server, "/new").asked, 0);
}

static void
retry_after_is_told(void **state)
{
	struct http_posted posted;

	(void)state;
	http_server_say(&server, "/later", 503, "", "");
	http_row_of(&server, "/later")->key = "Retry-After";
	http_row_of(&server, "/later")->value = "120";
	posted = post(url_of("/later"));
	assert_int_equal(posted.status, 503);
	assert_int_equal(posted.retry_after_s, 120);
}

static void
a_slow_server_delays_nobody_and_ends_by_the_time_out(void **state)
{
	struct http_posted posted;
	int slow, quick;

	(void)state;
	http_server_say(&server, "/slow", 200, "late", "");
	http_server_say(&server, "/a", 200, "", "");
	http_server_hang(&server, "/slow", true);
	use_poster(true, 1500);
	assert_err(ERR_OK, begin(url_of("/slow"), &slow));
	assert_err(ERR_OK, begin(url_of("/a"), &quick));
	assert_err(ERR_BUSY, begin(url_of("/a"), NULL));
	assert_ptr_equal(ended().context, &quick);
	posted = ended();
	assert_ptr_equal(posted.context, &slow);
	assert_int_equal(posted.status, 0);
	assert_string_equal(posted.error, "no answer within 1500 ms");
	http_server_hang(&server, "/slow", false);
}

static void
what_is_under_way_can_be_broken_off(void **state)
{
	struct http_posted posted;
	int mark;

	(void)state;
	http_server_say(&server, "/slow", 200, "late", "");
	http_server_hang(&server, "/slow", true);
	assert_err(ERR_OK, begin(url_of("/slow"), &mark));
	http_poster_wait(poster, 0, -1);
	assert_err(ERR_OK, http_poster_interrupt(poster, &posted));
	assert_ptr_equal(posted.context, &mark);
	assert_int_equal(posted.status, 0);
	assert_string_equal(posted.error, "interrupted");
	assert_err(ERR_NOT_FOUND, http_poster_interrupt(poster, &posted));
	/* And with the poster itself. */
	assert_err(ERR_OK, begin(url_of("/slow"), &mark));
	http_poster_wait(poster, 0, -1);
	http_poster_free(&poster);
	http_server_hang(&server, "/slow", false);
}

static void
a_header_can_not_end_early(void **state)
{
	const struct http_post bad = {
	    .url = "http://127.0.0.1/", .headers = {"X: 1\r\nY: 2"}, .body = span_of("", 0)};

	(void)state;
	assert_err(ERR_MALFORMED, http_poster_begin(poster, &bad));
	assert_int_equal(http_poster_count(poster), 0);
}

static void
other_protocols_are_not_spoken(void **state)
{
	static const char *const urls[] = {
	    "", "file:///etc/passwd", "ftp://127.0.0.1/", "smtp://a"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(urls); i++) {
		struct http_posted posted = post(urls[i]);

		assert_int_equal(posted.status, 0);
		assert_string_not_equal(posted.error, "");
	}
}

static void
private_addresses_are_not_called(void **state)
{
	struct http_posted posted;

	(void)state;
	http_server_say(&server, "/private", 200, "", "");
	use_poster(false, LONG_MS);
	posted = post(url_of("/private"));
	assert_int_equal(posted.status, 0);
	assert_string_equal(posted.error, "not called: it is at a loopback address");
	assert_int_equal(http_server_row(&server, "/private").asked, 0);
}

/* DNS rebinding: what the name was when it was checked does not count. */
static void
the_address_that_counts_is_the_one_connected_to(void **state)
{
	const struct deadline deadline = deadline_in(&clock_system, LONG_MS);
	struct resolver *resolver = NULL;
	struct http_posted posted;
	const char *what = "?";
	char url[256];

	(void)state;
	http_server_say(&server, "/private", 200, "", "");
	(void)snprintf(
	    url, sizeof(url), "http://" CHANGING_NAME ":%s/private", strrchr(server.url, ':') + 1);
	changing_address = "93.184.215.14";
	assert_err(ERR_OK, resolver_new(&resolver));
	assert_err(ERR_OK, resolver_check(resolver, &deadline, CHANGING_NAME, &what));
	assert_null(what);
	resolver_free(&resolver);
	changing_address = "127.0.0.1";
	looked_up = 0;
	use_poster(false, LONG_MS);
	posted = post(url);
	assert_int_equal(looked_up, 1);
	assert_int_equal(posted.status, 0);
	assert_string_equal(posted.error, "not called: it is at a loopback address");
	assert_int_equal(http_server_row(&server, "/private").asked, 0);
	/* It was the address alone that stood in the way. */
	use_poster(true, LONG_MS);
	assert_int_equal(post(url).status, 200);
}

/* --- TLS -------------------------------------------------------------------------------------- */

static unsigned secretly_asked;

static enum MHD_Result
note_call(void *context, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_size, void **request)
{
	(void)context;
	(void)connection;
	(void)url;
	(void)method;
	(void)version;
	(void)upload;
	(void)upload_size;
	(void)request;
	secretly_asked++;
	return MHD_NO;
}

static void
a_certificate_of_nobody_is_refused(void **state)
{
	char key[2048], certificate[2048], url[64];
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct MHD_Daemon *daemon;
	struct http_posted posted;

	(void)state;
	make_certificate(key, certificate, sizeof(key));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_TLS, 0, NULL, NULL,
	    note_call, NULL, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
	    MHD_OPTION_HTTPS_MEM_KEY, key, MHD_OPTION_HTTPS_MEM_CERT, certificate, MHD_OPTION_END);
	assert_non_null(daemon);
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/",
	    MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	posted = post(url);
	MHD_stop_daemon(daemon);
	assert_int_equal(posted.status, 0);
	assert_non_null(strstr(posted.error, "certificate"));
	assert_int_equal(secretly_asked, 0);
}

static int
new_poster(void **state)
{
	(void)state;
	use_poster(true, LONG_MS);
	return 0;
}

static int
start_server(void **state)
{
	(void)state;
	http_server_start(&server);
	return 0;
}

static int
stop_server(void **state)
{
	(void)state;
	http_poster_free(&poster);
	http_poster_free(&poster);
	http_server_stop(&server);
	return 0;
}

#define POSTER_TEST(name) cmocka_unit_test_setup(name, new_poster)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    POSTER_TEST(a_post_arrives_with_headers_and_body),
	    POSTER_TEST(of_a_long_answer_the_beginning_is_kept),
	    POSTER_TEST(a_redirect_is_an_answer),
	    POSTER_TEST(retry_after_is_told),
	    POSTER_TEST(a_slow_server_delays_nobody_and_ends_by_the_time_out),
	    POSTER_TEST(what_is_under_way_can_be_broken_off),
	    POSTER_TEST(a_header_can_not_end_early),
	    POSTER_TEST(other_protocols_are_not_spoken),
	    POSTER_TEST(private_addresses_are_not_called),
	    POSTER_TEST(the_address_that_counts_is_the_one_connected_to),
	    POSTER_TEST(a_certificate_of_nobody_is_refused),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}

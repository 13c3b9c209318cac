#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/base/str.h"

/*
 * The log goes to one end of a SOCK_SEQPACKET pair: each write(2) arrives as one packet, so a test
 * sees how many there were.
 */
static int ends[2];
static char line[8192];

static int
open_log(void **state)
{
	(void)state;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0)
		return -1;
	log_init("items", LOG_DEBUG, ends[1]);
	log_context_clear();
	return 0;
}

static int
close_log(void **state)
{
	(void)state;
	(void)close(ends[0]);
	(void)close(ends[1]);
	return 0;
}

/* Receives one packet into `line`; false when none waits. */
static bool
receive(void)
{
	ssize_t len = recv(ends[0], line, sizeof(line) - 1, MSG_DONTWAIT);

	if (len <= 0)
		return false;
	line[len] = '\0';
	return true;
}

/* Receives the one line written; it must be whole, and after its time exactly REST. */
static void
assert_logged(const char *rest)
{
	static const char begin[] = "{\"time\":\"";
	char when[TIME_TEXT_SIZE] = "";
	int64_t unix_ms;

	assert_true(receive());
	assert_true(str_starts_with(line, begin));
	memcpy(when, line + strlen(begin), TIME_TEXT_SIZE - 1);
	assert_err(ERR_OK, time_parse(when, &unix_ms));
	assert_string_equal(line + strlen(begin) + TIME_TEXT_SIZE - 1, rest);
	assert_false(receive());
}

static void
a_line_is_one_object_and_one_write(void **state)
{
	(void)state;
	log_info("order confirmed", LOG_TEXT("order_id", "A1B2"), LOG_INT("lines", -3),
	    LOG_BOOL("paid", true), LOG_BOOL("late", false));
	assert_logged("\",\"level\":\"info\",\"msg\":\"order confirmed\",\"service\":\"items\","
		      "\"order_id\":\"A1B2\",\"lines\":-3,\"paid\":true,\"late\":false}\n");
}

static void
the_largest_and_smallest_numbers_are_written(void **state)
{
	(void)state;
	log_info("m", LOG_INT("a", INT64_MIN), LOG_INT("b", INT64_MAX));
	assert_logged("\",\"level\":\"info\",\"msg\":\"m\",\"service\":\"items\","
		      "\"a\":-9223372036854775808,\"b\":9223372036854775807}\n");
}

static void
lesser_levels_are_left_out(void **state)
{
	(void)state;
	log_init("items", LOG_WARN, ends[1]);
	assert_false(log_enabled(LOG_INFO));
	assert_true(log_enabled(LOG_WARN));
	log_debug("m", LOG_INT("n", 1));
	log_info("m", LOG_INT("n", 1));
	assert_false(receive());
	log_warn("m", LOG_INT("n", 1));
	assert_logged("\",\"level\":\"warn\",\"msg\":\"m\",\"service\":\"items\",\"n\":1}\n");
	log_error("m", LOG_ERR(ERR_STOCK));
	assert_logged("\",\"level\":\"error\",\"msg\":\"m\",\"service\":\"items\","
		      "\"error\":\"ERR_STOCK\"}\n");
}

static void
texts_are_escaped(void **state)
{
	(void)state;
	log_info("say \"hi\"\\", LOG_TEXT("t", "a\nb\tc\x01\x7F"), LOG_TEXT("k\"", NULL),
	    LOG_TEXT("u", "\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80 \xC2\x85\xC2\xA0"));
	assert_logged("\",\"level\":\"info\",\"msg\":\"say \\\"hi\\\"\\\\\",\"service\":\"items\","
		      "\"t\":\"a\\nb\\u0009c\\u0001\\u007f\",\"k\\\"\":null,"
		      "\"u\":\"\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80 \\u0085\xC2\xA0\"}\n");
}

static void
invalid_utf8_is_replaced(void **state)
{
	(void)state;
	log_info("m",
	    LOG_TEXT("t",
		"a\xFF"
		"b\xC3"),
	    LOG_TEXT("s", "\xED\xA0\x80"));
	assert_logged("\",\"level\":\"info\",\"msg\":\"m\",\"service\":\"items\","
		      "\"t\":\"a\xEF\xBF\xBD"
		      "b\xEF\xBF\xBD\","
		      "\"s\":\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"}\n");
}

static void
the_context_follows_the_service(void **state)
{
	(void)state;
	log_context_set("req-1", "trace-1", "/item/{id}");
	log_info("m", LOG_INT("n", 1));
	assert_logged("\",\"level\":\"info\",\"msg\":\"m\",\"service\":\"items\","
		      "\"request_id\":\"req-1\",\"trace_id\":\"trace-1\","
		      "\"route\":\"/item/{id}\",\"n\":1}\n");
	log_context_set("req-2", NULL, NULL);
	log_info("m", LOG_INT("n", 1));
	assert_logged("\",\"level\":\"info\",\"msg\":\"m\",\"service\":\"items\","
		      "\"request_id\":\"req-2\",\"n\":1}\n");
	log_context_clear();
	log_info("m", LOG_INT("n", 1));
	assert_logged("\",\"level\":\"info\",\"msg\":\"m\",\"service\":\"items\",\"n\":1}\n");
}

static void *
log_without_context(void *unused)
{
	(void)unused;
	log_info("m", LOG_INT("n", 1));
	return NULL;
}

static void
the_context_is_the_threads_own(void **state)
{
	pthread_t thread;

	(void)state;
	log_context_set("req-1", NULL, NULL);
	assert_int_equal(pthread_create(&thread, NULL, log_without_context, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_logged("\",\"level\":\"info\",\"msg\":\"m\",\"service\":\"items\",\"n\":1}\n");
}

static void
a_long_text_ends_in_an_ellipsis(void **state)
{
	char text[3001];
	const char *value;

	(void)state;
	/* Characters of three bytes: none may be cut in two.  Shifted by one each time. */
	for (size_t shift = 0; shift < 3; shift++) {
		memset(text, 'x', sizeof(text));
		for (size_t at = shift; at + 3 < sizeof(text); at += 3)
			memcpy(text + at, "\xE2\x82\xAC", 3);
		text[sizeof(text) - 1] = '\0';
		log_info("m", LOG_TEXT("t", text), LOG_INT("n", 1));
		assert_true(receive());
		value = strstr(line, "\"t\":\"");
		assert_non_null(value);
		assert_true(utf8_valid(line, strlen(line)));
		assert_non_null(strstr(value, "\xE2\x82\xAC\xE2\x80\xA6\",\"n\":1}\n"));
		assert_in_range(strcspn(value + 5, "\""), 1000, 1024);
	}
}

/* Only whole members stay; the line says that some went. */
static void
a_line_that_grows_too_long_stays_whole(void **state)
{
	char text[1001];
	struct log_field fields[100];
	size_t len;

	(void)state;
	for (size_t length = 1; length < sizeof(text); length += 7) {
		memset(text, '"', length); /* each becomes two */
		text[length] = '\0';
		for (size_t i = 0; i < 100; i++)
			fields[i] = LOG_TEXT("key", text);
		log_write(LOG_INFO, "m", fields, 100);
		assert_true(receive());
		assert_false(receive());
		len = strlen(line);
		assert_in_range(len, 10, 4096);
		if (length > 40)
			assert_string_equal(line + len - 19, ",\"truncated\":true}\n");
		/* No quote is left open: outside of escapes there is an even number of them. */
		len = 0;
		for (const char *at = line; *at != '\0'; at++) {
			if (*at == '\\')
				at++;
			else
				len += *at == '"';
		}
		assert_int_equal(len % 2, 0);
	}
}

static void
a_member_that_does_not_fit_is_left_out_whole(void **state)
{
	static const char end[] = "\"key\":7,\"truncated\":true}\n";
	struct log_field fields[600];
	char msg[32] = "";

	(void)state;
	for (size_t i = 0; i < 600; i++)
		fields[i] = LOG_INT("key", 7);
	/* Shifted by one each time, so that the line's end cuts a member at each of its bytes. */
	for (size_t shift = 0; shift < sizeof(msg) - 1; shift++) {
		msg[shift] = 'm';
		log_write(LOG_INFO, msg, fields, 600);
		assert_true(receive());
		assert_string_equal(line + strlen(line) - strlen(end), end);
	}
}

static void
a_log_that_cannot_be_written_is_no_trouble(void **state)
{
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)close(ends[0]);
	errno = 42;
	log_info("m", LOG_INT("n", 1));
	assert_int_equal(errno, 42);
	ends[0] = -1;
	log_init("items", LOG_DEBUG, -1);
	log_info("m", LOG_INT("n", 1));
	assert_int_equal(errno, 42);
}

/* A reader that sleeps must not stop the shop. */
static void
a_full_descriptor_drops_the_line(void **state)
{
	int pipe_ends[2];
	char block[4096];
	size_t dropped = 0;

	(void)state;
	assert_int_equal(pipe2(pipe_ends, O_NONBLOCK), 0);
	memset(block, 'x', sizeof(block));
	while (write(pipe_ends[1], block, sizeof(block)) > 0)
		dropped++;
	assert_true(dropped > 0);
	log_init("items", LOG_DEBUG, pipe_ends[1]);
	log_info("m", LOG_INT("n", 1));
	for (; dropped > 0; dropped--)
		assert_int_equal(read(pipe_ends[0], block, sizeof(block)), sizeof(block));
	assert_int_equal(read(pipe_ends[0], block, sizeof(block)), -1);
	(void)close(pipe_ends[0]);
	(void)close(pipe_ends[1]);
}

#define THREADS    4
#define LINES_EACH 10 /* what a socket holds without a reader */

static void *
log_many(void *name)
{
	log_context_set(name, NULL, NULL);
	for (int i = 0; i < LINES_EACH; i++)
		log_info("m", LOG_INT("n", i), LOG_TEXT("name", name));
	return NULL;
}

static void
lines_of_threads_do_not_mix(void **state)
{
	static char names[THREADS][2] = {"a", "b", "c", "d"};
	pthread_t threads[THREADS];
	int received = 0;

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, log_many, names[i]), 0);
	while (received < THREADS * LINES_EACH) {
		char id;
		char name;
		int n;

		assert_true(recv(ends[0], line, sizeof(line) - 1, 0) > 0);
		received++;
		assert_int_equal(
		    sscanf(strstr(line, "\"request_id\""),
			"\"request_id\":\"%c\",\"n\":%d,\"name\":\"%c\"}", &id, &n, &name),
		    3);
		assert_int_equal(id, name);
	}
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_false(receive());
}

int
main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_log, close_log)
	const struct CMUnitTest tests[] = {
	    test(a_line_is_one_object_and_one_write),
	    test(the_largest_and_smallest_numbers_are_written),
	    test(lesser_levels_are_left_out),
	    test(texts_are_escaped),
	    test(invalid_utf8_is_replaced),
	    test(the_context_follows_the_service),
	    test(the_context_is_the_threads_own),
	    test(a_long_text_ends_in_an_ellipsis),
	    test(a_line_that_grows_too_long_stays_whole),
	    test(a_member_that_does_not_fit_is_left_out_whole),
	    test(a_log_that_cannot_be_written_is_no_trouble),
	    test(a_full_descriptor_drops_the_line),
	    test(lines_of_threads_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

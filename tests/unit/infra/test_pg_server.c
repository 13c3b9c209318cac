/* Servers that go away, hang, are slow, or have news. */
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "tests/unit/infra/pg_rig.h"

/* Otherwise the rest of the transaction would run outside of any, on a new connection. */
static void
test_a_lost_transaction_stays_lost(void **state)
{
	const struct deadline deadline = patience();

	(void)state;
	assert_err(ERR_OK, pg_begin(pg, &deadline));
	assert_err(ERR_OK, add("a"));
	terminate(number_on(pg, &backend));
	assert_err(ERR_UNAVAILABLE, add("b"));
	assert_err(ERR_UNAVAILABLE, add("c"));
	assert_err(ERR_UNAVAILABLE, pg_commit(pg, &deadline));
	pg_rollback(pg);
	assert_int_equal(number_on(pg, &count_things), 0);
}

static void
test_a_server_that_went_away_meanwhile_costs_nothing(void **state)
{
	int64_t first = number_on(pg, &backend);

	(void)state;
	assert_err(ERR_OK, add("a"));
	terminate(first);
	assert_err(ERR_OK, add("b"));
	assert_int_not_equal(number_on(pg, &backend), first);
}

static void
test_the_deadline_ends_a_statement(void **state)
{
	static const struct pg_statement sleep = {"sleep", "SELECT pg_sleep(1000)"};
	int64_t first = number_on(pg, &backend);
	const struct deadline soon = deadline_in(&clock_system, 300);

	(void)state;
	assert_err(ERR_DEADLINE, pg_run(pg, &soon, &sleep, NULL, 0, NULL));
	assert_int_not_equal(number_on(pg, &backend), first);
}

static void
test_the_server_ends_a_statement_by_itself(void **state)
{
	static const struct pg_statement sleep = {"sleep", "SELECT pg_sleep(1000)"};
	const struct deadline deadline = patience();
	struct pg *hasty = NULL;
	int64_t first;

	(void)state;
	assert_err(ERR_OK, pg_new(database.url, 500, &clock_system, &hasty));
	first = number_on(hasty, &backend);
	assert_err(ERR_DEADLINE, pg_run(hasty, &deadline, &sleep, NULL, 0, NULL));
	assert_int_equal(number_on(hasty, &backend), first);
	pg_free(&hasty);
}

/* --- servers that aren't there ------------------------------------------------------------ */

/* Listens and never says a word. */
static int
silent_server(uint16_t *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons(*port)};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static void
test_a_silent_server_costs_the_deadline(void **state)
{
	const struct deadline soon = deadline_in(&clock_system, 50);
	struct pg *silent = NULL;
	uint16_t port = 0;
	int fd = silent_server(&port);
	char url[64];

	(void)state;
	(void)snprintf(url, sizeof(url), "postgres://x@127.0.0.1:%u/x", port);
	assert_err(ERR_OK, pg_new(url, 0, &clock_system, &silent));
	assert_err(ERR_DEADLINE, pg_run(silent, &soon, &backend, NULL, 0, NULL));
	pg_free(&silent);
	assert_int_equal(close(fd), 0);
}

static int64_t
frozen_ms(void *context)
{
	return *(int64_t *)context;
}

/* A try within the pause would meet the silent server and last until the deadline. */
static void
test_between_tries_there_is_a_pause(void **state)
{
	int64_t now_ms = 1000;
	const struct clock clock = {frozen_ms, frozen_ms, &now_ms};
	const struct deadline deadline = deadline_in(&clock, 50);
	struct pg *absent = NULL;
	uint16_t port = 0;
	int fd = silent_server(&port);
	char url[64];

	(void)state;
	(void)snprintf(url, sizeof(url), "postgres://x@127.0.0.1:%u/x", port);
	assert_int_equal(close(fd), 0);
	assert_err(ERR_OK, pg_new(url, 0, &clock, &absent));
	assert_err(ERR_UNAVAILABLE, pg_run(absent, &deadline, &backend, NULL, 0, NULL));
	fd = silent_server(&port);
	assert_err(ERR_UNAVAILABLE, pg_run(absent, &deadline, &backend, NULL, 0, NULL));
	now_ms += 40; /* 10 ms are left, and the pause is over */
	assert_err(ERR_DEADLINE, pg_run(absent, &deadline, &backend, NULL, 0, NULL));
	pg_free(&absent);
	assert_int_equal(close(fd), 0);
}

/* --- notifications ------------------------------------------------------------------------ */

static const struct pg_statement notify = {"notify", "SELECT pg_notify('news', 'x')"};

static void
test_listening(void **state)
{
	bool notified = false;

	(void)state;
	assert_err(ERR_OK, pg_listen(pg, "news", 0, -1, &notified));
	assert_true(notified); /* something may have come before */
	assert_err(ERR_OK, pg_listen(pg, "news", 0, -1, &notified));
	assert_false(notified);
	run_on(other, &notify);
	assert_err(ERR_OK, pg_listen(pg, "news", 30000, -1, &notified));
	assert_true(notified);
	run_on(other, &notify);
	assert_err(ERR_OK, run(&backend)); /* comes with this answer */
	assert_err(ERR_OK, pg_listen(pg, "news", 30000, -1, &notified));
	assert_true(notified);
}

static void
test_a_descriptor_ends_listening(void **state)
{
	bool notified = false;
	int fd = eventfd(1, EFD_CLOEXEC);

	(void)state;
	assert_err(ERR_OK, pg_listen(pg, "news", 0, -1, &notified));
	assert_err(ERR_OK, pg_listen(pg, "news", 30000, fd, &notified));
	assert_false(notified);
	assert_int_equal(close(fd), 0);
}

static void
test_listening_again_after_a_loss(void **state)
{
	bool notified = false;

	(void)state;
	assert_err(ERR_OK, pg_listen(pg, "news", 0, -1, &notified));
	terminate(number_on(pg, &backend));
	run_on(other, &notify);
	assert_err(ERR_OK, pg_listen(pg, "news", 0, -1, &notified));
	assert_true(notified);
	run_on(other, &notify);
	assert_err(ERR_OK, pg_listen(pg, "news", 30000, -1, &notified));
	assert_true(notified);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(test_a_lost_transaction_stays_lost),
	    TEST(test_a_server_that_went_away_meanwhile_costs_nothing),
	    TEST(test_the_deadline_ends_a_statement),
	    TEST(test_the_server_ends_a_statement_by_itself),
	    TEST(test_a_silent_server_costs_the_deadline),
	    TEST(test_between_tries_there_is_a_pause),
	    TEST(test_listening),
	    TEST(test_a_descriptor_ends_listening),
	    TEST(test_listening_again_after_a_loss),
	};

	return cmocka_run_group_tests(tests, start_database, remove_database);
}

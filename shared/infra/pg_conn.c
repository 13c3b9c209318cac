#include "shared/infra/pg_conn.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/id.h"
#include "shared/base/log.h"
#include "shared/base/str.h"
#include "shared/infra/pg_url.h"

#define PAUSE_FIRST_MS 50
#define PAUSE_MOST_MS  1000

/*
 * What the server is told at start.  A peer that vanished is noticed by its keepalives within a
 * minute, and a transaction that was left open ends by then, so that no lock outlives us for long.
 */
#define SERVER_OPTIONS                                                                             \
	"-c statement_timeout=%" PRId64 " -c idle_in_transaction_session_timeout=60000"            \
	" -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"

static enum err
set_options(struct pg *pg, int64_t timeout_ms)
{
	PQconninfoOption *options = PQconninfoParse(pg->url, NULL);
	const char *given = "";
	int len;

	/* libpq's own message would quote the URL, password included. */
	if (options == NULL) {
		log_error("the address of PostgreSQL is no libpq URI", LOG_ERR(ERR_CONFIG));
		return ERR_CONFIG;
	}
	for (const PQconninfoOption *option = options; option->keyword != NULL; option++)
		if (str_equal(option->keyword, "options") && option->val != NULL)
			given = option->val;
	if (pg->pooled)
		len = snprintf(pg->options, sizeof(pg->options), "%s", given);
	else
		len = snprintf(
		    pg->options, sizeof(pg->options), SERVER_OPTIONS " %s", timeout_ms, given);
	PQconninfoFree(options);
	if (len < 0 || (size_t)len >= sizeof(pg->options)) {
		log_error("the options of PostgreSQL's address are too long", LOG_ERR(ERR_CONFIG));
		return ERR_CONFIG;
	}
	return ERR_OK;
}

enum err
pg_conn_configure(struct pg *pg, const char *url, int64_t timeout_ms)
{
	TRY(pg_url_copy(url, &pg->url, &pg->pooled));
	return set_options(pg, timeout_ms);
}

void
pg_conn_drop(struct pg *pg)
{
	PQfinish(pg->conn);
	pg->conn = NULL;
	pg->prepared_count = 0;
	pg->channel = NULL;
	if (pg->tx == PG_TX_OPEN)
		pg->tx = PG_TX_LOST;
}

/* Until EVENTS or the deadline.  ERR_OK, ERR_DEADLINE, ERR_UNAVAILABLE. */
static enum err
wait_for(int fd, short events, const struct deadline *deadline, short *happened)
{
	struct pollfd item = {fd, events, 0};
	int64_t left_ms;
	int ready;

	do {
		left_ms = deadline_left_ms(deadline);
		ready = poll(&item, 1, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
	} while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return ERR_UNAVAILABLE;
	if (ready == 0)
		return ERR_DEADLINE;
	*happened = item.revents;
	return ERR_OK;
}

/* The next try comes after a pause that doubles, less up to half of it, so that the threads of
 * many pods don't knock in step. */
static void
plan_next_try(struct pg *pg)
{
	uint32_t random;

	random_bytes(&random, sizeof(random));
	pg->next_try_ms =
	    clock_monotonic_ms(pg->clock) + pg->pause_ms - (int64_t)random % (pg->pause_ms / 2 + 1);
	pg->pause_ms = pg->pause_ms * 2 > PAUSE_MOST_MS ? PAUSE_MOST_MS : pg->pause_ms * 2;
}

static enum err
connect_failed(struct pg *pg, enum err err)
{
	const char *message = pg->conn != NULL ? PQerrorMessage(pg->conn) : "out of memory";

	/* libpq's text names host, port, user and database, never the password. */
	log_warn("no connection to PostgreSQL", LOG_ERR(err), LOG_TEXT("reason", message));
	pg_conn_drop(pg);
	plan_next_try(pg);
	return err;
}

static void
ignore_notice(void *context, const PGresult *notice)
{
	(void)context;
	(void)notice;
}

static PGconn *
connect_start(const struct pg *pg)
{
	/* Before dbname: defaults that the URL may override.  After it: what must hold. */
	const char *const names[] = {"gssencmode", "keepalives_idle", "keepalives_interval",
	    "keepalives_count", "tcp_user_timeout", "fallback_application_name", "dbname",
	    "options", "client_encoding", NULL};
	const char *const values[] = {
	    "disable", "30", "10", "3", "5000", "shop", pg->url, pg->options, "UTF8", NULL};

	return PQconnectStartParams(names, values, 1);
}

static enum err
connect_finish(struct pg *pg, const struct deadline *deadline)
{
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	while (state != PGRES_POLLING_OK) {
		short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
		short happened;

		if (state == PGRES_POLLING_FAILED || PQstatus(pg->conn) == CONNECTION_BAD)
			return ERR_UNAVAILABLE;
		TRY(wait_for(PQsocket(pg->conn), events, deadline, &happened));
		state = PQconnectPoll(pg->conn);
	}
	if (PQsetnonblocking(pg->conn, 1) != 0 || PQenterPipelineMode(pg->conn) != 1)
		return ERR_UNAVAILABLE;
	return ERR_OK;
}

/*
 * Did the server close an idle connection (restart, failover)?  It is known before anything is
 * sent, so that the request at hand is served by a new one.
 */
static bool
looks_alive(struct pg *pg)
{
	struct pollfd item = {PQsocket(pg->conn), POLLIN, 0};

	while (PQstatus(pg->conn) == CONNECTION_OK && poll(&item, 1, 0) > 0)
		if ((item.revents & POLLNVAL) != 0 || PQconsumeInput(pg->conn) == 0)
			return false;
	return PQstatus(pg->conn) == CONNECTION_OK;
}

enum err
pg_conn_open(struct pg *pg, const struct deadline *deadline)
{
	enum err err;

	if (pg->conn != NULL) {
		if (pg->tx == PG_TX_OPEN || looks_alive(pg))
			return ERR_OK;
		pg_conn_drop(pg);
	}
	if (clock_monotonic_ms(pg->clock) < pg->next_try_ms)
		return ERR_UNAVAILABLE;
	pg->conn = connect_start(pg);
	if (pg->conn == NULL)
		return connect_failed(pg, ERR_MEMORY);
	err = connect_finish(pg, deadline);
	if (err != ERR_OK)
		return connect_failed(pg, err);
	(void)PQsetNoticeReceiver(pg->conn, ignore_notice, NULL);
	pg->pause_ms = PAUSE_FIRST_MS;
	return ERR_OK;
}

static enum err
lost(struct pg *pg, enum err err)
{
	log_warn("connection to PostgreSQL lost", LOG_ERR(err),
	    LOG_TEXT("reason",
		err == ERR_DEADLINE ? "no answer by the deadline" : PQerrorMessage(pg->conn)));
	pg_conn_drop(pg);
	return err;
}

enum err
pg_conn_await(struct pg *pg, const struct deadline *deadline)
{
	for (;;) {
		int unsent = PQflush(pg->conn);
		short happened;
		enum err err;

		if (unsent < 0)
			return lost(pg, ERR_UNAVAILABLE);
		if (unsent == 0 && PQisBusy(pg->conn) == 0)
			return ERR_OK;
		err = wait_for(PQsocket(pg->conn), unsent > 0 ? POLLIN | POLLOUT : POLLIN, deadline,
		    &happened);
		if (err != ERR_OK)
			return lost(pg, err);
		if ((happened & ~POLLOUT) != 0 && PQconsumeInput(pg->conn) == 0)
			return lost(pg, ERR_UNAVAILABLE);
	}
}

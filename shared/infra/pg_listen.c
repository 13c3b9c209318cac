#include <libpq-fe.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/check.h"
#include "shared/infra/pg.h"
#include "shared/infra/pg_conn.h"

#define LISTEN_MS 5000
#define POOLED_MS 500 /* between two looks where nobody can be told */

/* Waits for EVENTS of FD (or -1), WAKE_FD (or -1), or TIMEOUT_MS. */
static void
wait_either(int fd, int wake_fd, int64_t timeout_ms)
{
	struct pollfd items[2] = {{fd, POLLIN, 0}, {wake_fd, POLLIN, 0}};

	/* An interrupted wait is a short one; the caller loops. */
	(void)poll(items, 2, timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms);
}

static bool
take_notifications(struct pg *pg)
{
	bool any = false;

	for (PGnotify *notify; (notify = PQnotifies(pg->conn)) != NULL; PQfreemem(notify))
		any = true;
	return any;
}

/* *FRESH: this connection did not listen before. */
static enum err
start_listening(struct pg *pg, const struct deadline *deadline, const char *channel, bool *fresh)
{
	char sql[2 * PG_NAME_SIZE];
	struct pg_statement listen = {"listen", sql};
	char *quoted;
	enum err err;

	TRY(pg_conn_open(pg, deadline));
	*fresh = pg->channel == NULL;
	if (!*fresh)
		return ERR_OK;
	quoted = PQescapeIdentifier(pg->conn, channel, strlen(channel));
	TRY_ALLOC(quoted);
	(void)snprintf(sql, sizeof(sql), "LISTEN %s", quoted);
	PQfreemem(quoted);
	err = pg_run_once(pg, deadline, &listen);
	if (err == ERR_OK)
		pg->channel = channel;
	return err;
}

/* Lasts as long as no new try to connect would be made. */
static enum err
listen_failed(const struct pg *pg, enum err err, int64_t timeout_ms, int wake_fd)
{
	int64_t pause_ms = pg->next_try_ms - clock_monotonic_ms(pg->clock);

	if (pause_ms > 0)
		wait_either(-1, wake_fd, pause_ms < timeout_ms ? pause_ms : timeout_ms);
	return err;
}

enum err
pg_listen(struct pg *pg, const char *channel, int64_t timeout_ms, int wake_fd, bool *notified)
{
	struct deadline connect = deadline_in(pg->clock, LISTEN_MS);
	bool fresh = false;
	enum err err;

	check(pg->tx == PG_TX_NONE);
	if (pg->pooled) {
		wait_either(-1, wake_fd, timeout_ms < POOLED_MS ? timeout_ms : POOLED_MS);
		*notified = true;
		return ERR_OK;
	}
	err = start_listening(pg, &connect, channel, &fresh);
	if (err != ERR_OK)
		return listen_failed(pg, err, timeout_ms, wake_fd);
	if (!take_notifications(pg) && !fresh) {
		wait_either(PQsocket(pg->conn), wake_fd, timeout_ms);
		if (PQconsumeInput(pg->conn) == 0) {
			pg_conn_drop(pg);
			return ERR_UNAVAILABLE;
		}
		fresh = take_notifications(pg);
	} else {
		fresh = true;
	}
	*notified = fresh;
	return ERR_OK;
}

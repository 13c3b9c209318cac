#include "fcgi/auth/link_courier.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "fcgi/auth/email_flow.h"
#include "shared/base/cleanup.h"
#include "shared/base/log.h"
#include "shared/base/thread.h"
#include "shared/infra/pg.h"

#define LISTEN_MS    60000
#define PAUSE_MS     1000 /* at most */
#define STATEMENT_MS 10000
#define ARENA_BYTES  ((size_t)256 * 1024)

struct link_courier {
	struct pg *pg;
	const struct clock *clock;
	struct arena *arena;
	int stop_fd; /* eventfd */
	pthread_t thread;
};

/* False when it is time to stop. */
static bool
pause_by_chance(const struct link_courier *courier)
{
	struct pollfd stop = {courier->stop_fd, POLLIN, 0};
	uint32_t random;

	random_bytes(&random, sizeof(random));
	return poll(&stop, 1, (int)(random % PAUSE_MS)) <= 0;
}

/* ERR_NOT_FOUND: none waits. */
static enum err
answer_one(struct link_courier *courier)
{
	auto_pg_tx struct pg *tx = courier->pg;
	struct call call = {.arena = courier->arena,
	    .pg = tx,
	    .deadline = deadline_in(courier->clock, STATEMENT_MS),
	    .now_ms = clock_now_ms(courier->clock)};
	struct reset_request request;

	arena_reset(courier->arena);
	TRY(pg_begin(tx, &call.deadline));
	TRY(link_store_take_request(&call, &request));
	call.traceparent = request.traceparent;
	call.client = request.client;
	TRY(email_answer_request(&call, &request));
	return pg_commit(tx, &call.deadline);
}

static void *
courier_thread(void *argument)
{
	struct link_courier *courier = argument;
	bool notified;

	do {
		enum err err = pg_listen(
		    courier->pg, "auth_reset_requests", LISTEN_MS, courier->stop_fd, &notified);

		if (!pause_by_chance(courier))
			break;
		while (err == ERR_OK)
			err = answer_one(courier);
		if (err != ERR_NOT_FOUND && err != ERR_UNAVAILABLE)
			log_warn("a link was not sent", LOG_ERR(err));
	} while (true);
	return NULL;
}

static void
release(struct link_courier *courier)
{
	pg_free(&courier->pg);
	arena_free(&courier->arena);
	cleanup_close(&courier->stop_fd);
	free(courier);
}

enum err
link_courier_start(const char *database_url, const struct clock *clock, struct link_courier **out)
{
	struct link_courier *courier = calloc(1, sizeof(*courier));
	enum err err;

	TRY_ALLOC(courier);
	courier->clock = clock;
	courier->stop_fd = eventfd(0, EFD_CLOEXEC);
	err = courier->stop_fd < 0 ? ERR_MEMORY : arena_new(ARENA_BYTES, &courier->arena);
	if (err == ERR_OK)
		err = pg_new(database_url, STATEMENT_MS, clock, &courier->pg);
	if (err == ERR_OK)
		err = thread_start(&courier->thread, courier_thread, courier);
	if (err != ERR_OK) {
		release(courier);
		return err;
	}
	*out = courier;
	return ERR_OK;
}

void
link_courier_stop(struct link_courier **courier)
{
	if (*courier == NULL)
		return;
	(void)eventfd_write((*courier)->stop_fd, 1);
	(void)pthread_join((*courier)->thread, NULL);
	release(*courier);
	*courier = NULL;
}

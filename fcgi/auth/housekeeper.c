#include "fcgi/auth/housekeeper.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "fcgi/auth/housekeeping_store.h"
#include "shared/base/check.h"
#include "shared/base/id.h"
#include "shared/base/log.h"
#include "shared/base/thread.h"

#define EVERY_MS 600000
#define SWEEP_MS 30000
#define DAY_S    86400

struct housekeeper {
	struct pg *pg;
	const struct clock *clock;
	int64_t keep_s;
	int stop_fd; /* eventfd */
	pthread_t thread;
};

/* False when it is time to stop. */
static bool
sleep_a_while(const struct housekeeper *housekeeper)
{
	struct pollfd stop = {housekeeper->stop_fd, POLLIN, 0};
	uint32_t random;

	/* Pods started together don't sweep together. */
	random_bytes(&random, sizeof(random));
	return poll(&stop, 1, EVERY_MS / 2 + (int)(random % EVERY_MS)) <= 0;
}

static void *
housekeeper_thread(void *argument)
{
	struct housekeeper *housekeeper = argument;

	while (sleep_a_while(housekeeper)) {
		struct deadline deadline = deadline_in(housekeeper->clock, SWEEP_MS);
		enum err err = ERR_OK;
		bool more = true;

		while (more && err == ERR_OK)
			err = housekeeping_sweep(
			    housekeeper->pg, &deadline, housekeeper->keep_s, &more);
		if (err != ERR_OK)
			log_warn("old rows not removed", LOG_ERR(err));
	}
	return NULL;
}

static void
release(struct housekeeper *housekeeper)
{
	pg_free(&housekeeper->pg);
	cleanup_close(&housekeeper->stop_fd);
	free(housekeeper);
}

enum err
housekeeper_start(
    const char *database_url, int64_t keep_s, const struct clock *clock, struct housekeeper **out)
{
	struct housekeeper *housekeeper = calloc(1, sizeof(*housekeeper));
	enum err err;

	TRY_ALLOC(housekeeper);
	housekeeper->clock = clock;
	housekeeper->keep_s = keep_s + DAY_S;
	housekeeper->stop_fd = eventfd(0, EFD_CLOEXEC);
	err = housekeeper->stop_fd < 0 ? ERR_MEMORY
				       : pg_new(database_url, SWEEP_MS, clock, &housekeeper->pg);
	if (err == ERR_OK)
		err = thread_start(&housekeeper->thread, housekeeper_thread, housekeeper);
	if (err != ERR_OK) {
		release(housekeeper);
		return err;
	}
	*out = housekeeper;
	return ERR_OK;
}

void
housekeeper_stop(struct housekeeper **housekeeper)
{
	if (*housekeeper == NULL)
		return;
	(void)eventfd_write((*housekeeper)->stop_fd, 1);
	(void)pthread_join((*housekeeper)->thread, NULL);
	release(*housekeeper);
	*housekeeper = NULL;
}

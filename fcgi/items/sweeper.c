#include "fcgi/items/sweeper.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "fcgi/items/image_flow.h"
#include "fcgi/items/return_flow.h"
#include "fcgi/items/settle_flow.h"
#include "shared/base/check.h"
#include "shared/base/log.h"
#include "shared/base/thread.h"

#define PASS_DEADLINE_MS 10000
#define SWEEP_EVERY_MS   1000
#define CLAIMS_EVERY_MS  60000
#define GATHER_MS        20 /* one write then removes many reservations of a hot item */
#define BATCH_MAX        256
#define ARENA_BYTES      ((size_t)4 << 20)

struct sweeper {
	struct sweeper_settings settings;
	pthread_t thread;
	atomic_bool stopping;
	struct mongo mongo;
	struct shop shop;
	struct arena *arena;
	int64_t next_sweep_ms, next_claims_ms; /* monotonic */
	pthread_mutex_t mutex;                 /* over stats */
	struct sweeper_stats stats;
};

/* Between three and five quarters of MS: pods don't sweep in step. */
static int64_t
jittered(int64_t ms)
{
	uint32_t random;

	random_bytes(&random, sizeof(random));
	return ms * 3 / 4 + (int64_t)(random % (uint32_t)(ms / 2));
}

static void
note(struct sweeper *sweeper, const struct sweep_counts *counts, enum err err)
{
	check(pthread_mutex_lock(&sweeper->mutex) == 0);
	sweeper->stats.counts.orders_failed += counts->orders_failed;
	sweeper->stats.counts.reservations_freed += counts->reservations_freed;
	sweeper->stats.counts.reservations_settled += counts->reservations_settled;
	sweeper->stats.counts.lines_returned += counts->lines_returned;
	if (err != ERR_OK)
		sweeper->stats.failures++;
	check(pthread_mutex_unlock(&sweeper->mutex) == 0);
}

/* What fails here is found again as stale reservations. */
static void
settle(struct sweeper *sweeper, const struct sold_hold *holds, size_t count)
{
	struct deadline deadline = deadline_in(sweeper->settings.clock, PASS_DEADLINE_MS);
	struct sweep_counts none = {0};
	struct id of_item[BATCH_MAX];

	for (size_t first = 0; first < count;) {
		size_t same = 0;
		struct sold sold = {.item_id = &holds[first].item_id, .holds = of_item};
		enum err err;

		while (first + same < count &&
		    id_equal(&holds[first + same].item_id, &holds[first].item_id)) {
			of_item[same] = holds[first + same].hold_id;
			same++;
		}
		sold.count = same;
		err = settle_sold(&sweeper->shop, &deadline, sweeper->arena,
		    clock_now_ms(sweeper->settings.clock), &sold);
		arena_reset(sweeper->arena);
		if (err != ERR_OK) {
			note(sweeper, &none, err);
			return;
		}
		first += same;
	}
}

static enum err
sweep(struct sweeper *sweeper, struct sweep_counts *counts)
{
	struct deadline deadline = deadline_in(sweeper->settings.clock, PASS_DEADLINE_MS);
	int64_t now_ms = clock_now_ms(sweeper->settings.clock);
	int64_t monotonic_ms = clock_monotonic_ms(sweeper->settings.clock);

	TRY(sweep_orders(&sweeper->shop, &deadline, sweeper->arena, now_ms, counts));
	TRY(sweep_reservations(&sweeper->shop, &deadline, sweeper->arena, now_ms, counts));
	TRY(return_flow_sweep(&sweeper->shop, &deadline, now_ms, &counts->lines_returned));
	if (monotonic_ms >= sweeper->next_claims_ms) {
		sweeper->next_claims_ms = monotonic_ms + jittered(CLAIMS_EVERY_MS);
		TRY(image_flow_sweep(&sweeper->shop, &deadline, sweeper->arena, now_ms));
		TRY(sweep_claims(&sweeper->shop, &deadline, now_ms));
		TRY(return_flow_sweep_markers(&sweeper->shop, &deadline, now_ms));
	}
	return ERR_OK;
}

static void
sweep_when_due(struct sweeper *sweeper)
{
	struct sweep_counts counts = {0};
	enum err err;

	if (clock_monotonic_ms(sweeper->settings.clock) < sweeper->next_sweep_ms)
		return;
	err = sweep(sweeper, &counts);
	note(sweeper, &counts, err);
	if (err != ERR_OK)
		log_warn("a sweep met an error", LOG_ERR(err));
	arena_reset(sweeper->arena);
	sweeper->next_sweep_ms =
	    clock_monotonic_ms(sweeper->settings.clock) + jittered(SWEEP_EVERY_MS);
}

static void *
run(void *context)
{
	struct sweeper *sweeper = context;
	struct sold_hold holds[BATCH_MAX];

	for (;;) {
		bool stopping = atomic_load(&sweeper->stopping);
		int64_t wait_ms =
		    sweeper->next_sweep_ms - clock_monotonic_ms(sweeper->settings.clock);
		size_t count = settle_queue_take(sweeper->settings.sold,
		    stopping || wait_ms < 0 ? 0 : wait_ms, GATHER_MS, holds, BATCH_MAX);

		if (count > 0)
			settle(sweeper, holds, count);
		else if (stopping)
			return NULL;
		if (!stopping)
			sweep_when_due(sweeper);
	}
}

static enum err
prepare(struct sweeper *sweeper)
{
	TRY(arena_new(ARENA_BYTES, &sweeper->arena));
	TRY(mongo_open(sweeper->settings.pool, &sweeper->mongo));
	shop_init(&sweeper->mongo, &sweeper->shop);
	sweeper->shop.reservation_ttl_ms = sweeper->settings.reservation_ttl_ms;
	sweeper->shop.low_stock = sweeper->settings.low_stock;
	return ERR_OK;
}

static void
discard(struct sweeper *sweeper)
{
	shop_fini(&sweeper->shop);
	mongo_close(&sweeper->mongo);
	arena_free(&sweeper->arena);
	(void)pthread_mutex_destroy(&sweeper->mutex);
	free(sweeper);
}

enum err
sweeper_start(const struct sweeper_settings *settings, struct sweeper **out)
{
	struct sweeper *sweeper = calloc(1, sizeof(*sweeper));
	enum err err;

	TRY_ALLOC(sweeper);
	sweeper->settings = *settings;
	check(pthread_mutex_init(&sweeper->mutex, NULL) == 0);
	err = prepare(sweeper);
	if (err == ERR_OK)
		err = thread_start(&sweeper->thread, run, sweeper);
	if (err != ERR_OK) {
		discard(sweeper);
		return err;
	}
	*out = sweeper;
	return ERR_OK;
}

void
sweeper_stats(struct sweeper *sweeper, struct sweeper_stats *out)
{
	check(pthread_mutex_lock(&sweeper->mutex) == 0);
	*out = sweeper->stats;
	check(pthread_mutex_unlock(&sweeper->mutex) == 0);
}

void
sweeper_stop(struct sweeper **sweeper)
{
	if (*sweeper == NULL)
		return;
	atomic_store(&(*sweeper)->stopping, true);
	settle_queue_close((*sweeper)->settings.sold);
	check(pthread_join((*sweeper)->thread, NULL) == 0);
	discard(*sweeper);
	*sweeper = NULL;
}

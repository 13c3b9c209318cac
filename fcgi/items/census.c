#include "fcgi/items/census.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "fcgi/items/category_census.h"
#include "shared/base/check.h"
#include "shared/base/log.h"
#include "shared/base/thread.h"

#define STEP_DEADLINE_MS 10000
#define LOOK_EVERY_MS    10000 /* whether a census is due */
#define PAUSE_FACTOR     20
#define PAUSE_MIN_MS     50

struct census {
	const struct clock *clock;
	struct mongo mongo;
	struct category_census work;
	bool going, first; /* one is under way; it is the catalogue's first */
	pthread_t thread;
	pthread_mutex_t mutex; /* over what follows */
	pthread_cond_t changed;
	bool stopping;
};

/* What it does next, and how long it may rest before: *rest_ms. */
static enum err
work(struct census *census, int64_t *rest_ms)
{
	struct deadline deadline = deadline_in(census->clock, STEP_DEADLINE_MS);
	int64_t start_ms = clock_monotonic_ms(census->clock);
	int64_t now_ms = clock_now_ms(census->clock);
	int64_t took_ms;

	*rest_ms = LOOK_EVERY_MS;
	if (!census->going)
		TRY(category_census_begin(
		    &census->work, &deadline, now_ms, &census->going, &census->first));
	if (!census->going)
		return ERR_OK;
	TRY(category_census_step(&census->work, &deadline, now_ms, &census->going));
	if (!census->going)
		return ERR_OK;
	took_ms = clock_monotonic_ms(census->clock) - start_ms;
	*rest_ms = census->first ? 0 : PAUSE_MIN_MS + took_ms * PAUSE_FACTOR;
	return ERR_OK;
}

/* Rests for MS; false: it is to stop. */
static bool
rest(struct census *census, int64_t ms)
{
	struct timespec until = thread_time_in(ms);
	bool stopping;
	int waited = 0;

	check(pthread_mutex_lock(&census->mutex) == 0);
	while (!census->stopping && waited != ETIMEDOUT)
		waited = pthread_cond_timedwait(&census->changed, &census->mutex, &until);
	stopping = census->stopping;
	check(pthread_mutex_unlock(&census->mutex) == 0);
	return !stopping;
}

static void *
run(void *context)
{
	struct census *census = context;
	int64_t rest_ms;

	do {
		enum err err = work(census, &rest_ms);

		if (err != ERR_OK)
			log_warn("the count of the categories met an error", LOG_ERR(err));
		if (err != ERR_OK && err != ERR_UNAVAILABLE && err != ERR_DEADLINE)
			census->going = false;
	} while (rest(census, rest_ms));
	return NULL;
}

static enum err
prepare(struct census *census, struct mongo_pool *pool)
{
	TRY(mongo_open(pool, &census->mongo));
	return category_census_init(&census->mongo, &census->work);
}

static void
discard(struct census *census)
{
	category_census_fini(&census->work);
	mongo_close(&census->mongo);
	(void)pthread_cond_destroy(&census->changed);
	(void)pthread_mutex_destroy(&census->mutex);
	free(census);
}

enum err
census_start(struct mongo_pool *pool, const struct clock *clock, struct census **out)
{
	struct census *census = calloc(1, sizeof(*census));
	enum err err;

	TRY_ALLOC(census);
	census->clock = clock;
	check(pthread_mutex_init(&census->mutex, NULL) == 0);
	thread_condition_init(&census->changed);
	err = prepare(census, pool);
	if (err == ERR_OK)
		err = thread_start(&census->thread, run, census);
	if (err != ERR_OK) {
		discard(census);
		return err;
	}
	*out = census;
	return ERR_OK;
}

void
census_stop(struct census **census)
{
	if (*census == NULL)
		return;
	check(pthread_mutex_lock(&(*census)->mutex) == 0);
	(*census)->stopping = true;
	check(pthread_cond_signal(&(*census)->changed) == 0);
	check(pthread_mutex_unlock(&(*census)->mutex) == 0);
	check(pthread_join((*census)->thread, NULL) == 0);
	discard(*census);
	*census = NULL;
}

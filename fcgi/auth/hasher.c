#include "fcgi/auth/hasher.h"

#include <crypt.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "shared/base/check.h"
#include "shared/base/str.h"
#include "shared/base/thread.h"

#define NICE       10  /* a tenth of what a thread of normal priority gets beside it */
#define COST_12_MS 250 /* on a common core; measured from the first hash on */

enum job_state { JOB_FREE, JOB_QUEUED, JOB_RUNNING, JOB_DONE };

struct job {
	enum job_state state;
	bool abandoned; /* its caller has gone: whoever ends it frees the slot */
	bool hashed;    /* crypt(3) did not refuse */
	struct job *next;
	int64_t queued_at_ms, started_at_ms;
	pthread_cond_t done;
	char phrase[PASSWORD_PREHASH_SIZE];
	char setting[PASSWORD_HASH_SIZE];
	char hash[PASSWORD_HASH_SIZE];
};

struct hasher {
	struct hasher_settings settings;
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t work;
	bool stopping;
	struct job *first, *last; /* the queue */
	size_t callers;           /* slots in use */
	int64_t average_ms;       /* of a hash, moving */
	struct hasher_stats stats;
	size_t started;
	pthread_t *threads;
	struct job *jobs; /* callers_max slots */
};

static int64_t
monotonic_ms(void)
{
	return clock_monotonic_ms(&clock_system);
}

/* --- the threads' side -------------------------------------------------------------------- */

static struct job *
take_job(struct hasher *hasher)
{
	struct job *job = hasher->first;

	hasher->first = job->next;
	if (hasher->first == NULL)
		hasher->last = NULL;
	job->state = JOB_RUNNING;
	job->started_at_ms = monotonic_ms();
	hasher->stats.queued--;
	hasher->stats.running++;
	return job;
}

static void
release(struct hasher *hasher, struct job *job)
{
	bytes_wipe(job->phrase, sizeof(job->phrase));
	bytes_wipe(job->hash, sizeof(job->hash));
	job->state = JOB_FREE;
	hasher->callers--;
}

static void
finish_job(struct hasher *hasher, struct job *job)
{
	int64_t took_ms = monotonic_ms() - job->started_at_ms;

	hasher->average_ms = (hasher->average_ms * 7 + took_ms) / 8;
	hasher->stats.running--;
	hasher->stats.hashed++;
	job->state = JOB_DONE;
	if (job->abandoned)
		release(hasher, job);
	else
		(void)pthread_cond_signal(&job->done);
}

/* The result must be a hash by the very setting: on failure crypt gives "*0", or NULL. */
static void
hash(struct job *job, struct crypt_data *data)
{
	const char *result = crypt_r(job->phrase, job->setting, data);

	job->hashed = result != NULL && password_stored_cost(result) > 0 &&
	    strncmp(result, job->setting, PASSWORD_SETTING_SIZE - 1) == 0;
	if (job->hashed)
		memcpy(job->hash, result, PASSWORD_HASH_SIZE);
	bytes_wipe(data->output, sizeof(data->output));
}

static void *
hasher_thread(void *argument)
{
	struct hasher *hasher = argument;
	/* 32 KiB, and this thread's alone. */
	struct crypt_data *data = calloc(1, sizeof(*data));

	check(data != NULL);
	/* For Linux a thread is what has a priority; without it hashing still works. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	(void)pthread_mutex_lock(&hasher->mutex);
	for (;;) {
		struct job *job;

		while (hasher->first == NULL && !hasher->stopping)
			(void)pthread_cond_wait(&hasher->work, &hasher->mutex);
		if (hasher->stopping)
			break;
		job = take_job(hasher);
		(void)pthread_mutex_unlock(&hasher->mutex);
		hash(job, data);
		(void)pthread_mutex_lock(&hasher->mutex);
		finish_job(hasher, job);
	}
	(void)pthread_mutex_unlock(&hasher->mutex);
	bytes_wipe(data, sizeof(*data));
	free(data);
	return NULL;
}

/* --- the callers' side -------------------------------------------------------------------- */

/*
 * Little's law: what is inside, by the rate at which it leaves, is how long a newcomer stays in the
 * queue.  With a thread free it does not wait at all.
 */
static int64_t
expected_wait_ms(const struct hasher *hasher)
{
	int64_t inside = hasher->stats.queued + hasher->stats.running;
	int64_t threads = (int64_t)hasher->settings.threads;

	return inside < threads ? 0 : (inside - threads + 1) * hasher->average_ms / threads;
}

static enum err
refuse(struct hasher *hasher, struct hasher_turn *turn)
{
	turn->retry_after_s = (unsigned)(expected_wait_ms(hasher) / 1000) + 1;
	hasher->stats.refused++;
	return ERR_BUSY;
}

static enum err
enter(struct hasher *hasher, const struct deadline *deadline, struct hasher_turn *turn,
    struct job **out)
{
	int64_t wait_ms = expected_wait_ms(hasher);
	struct job *job = hasher->jobs;

	if (hasher->callers == hasher->settings.callers_max ||
	    wait_ms > hasher->settings.wait_max_ms || wait_ms > deadline_left_ms(deadline))
		return refuse(hasher, turn);
	while (job->state != JOB_FREE)
		job++;
	hasher->callers++;
	hasher->stats.queued++;
	job->state = JOB_QUEUED;
	job->abandoned = false;
	job->next = NULL;
	job->queued_at_ms = monotonic_ms();
	if (hasher->last != NULL)
		hasher->last->next = job;
	else
		hasher->first = job;
	hasher->last = job;
	*out = job;
	return ERR_OK;
}

static void
unqueue(struct hasher *hasher, const struct job *job)
{
	struct job **link = &hasher->first;
	struct job *before = NULL;

	for (; *link != job; link = &(*link)->next)
		before = *link;
	*link = job->next;
	if (hasher->last == job)
		hasher->last = before;
	hasher->stats.queued--;
}

/* The caller's deadline has come. */
static enum err
abandon(struct hasher *hasher, struct job *job, struct hasher_turn *turn)
{
	turn->retry_after_s = (unsigned)(expected_wait_ms(hasher) / 1000) + 1;
	if (job->state == JOB_QUEUED) {
		turn->waited_ms = monotonic_ms() - job->queued_at_ms;
		unqueue(hasher, job);
		release(hasher, job);
	} else {
		turn->waited_ms = job->started_at_ms - job->queued_at_ms;
		job->abandoned = true;
	}
	return ERR_DEADLINE;
}

static enum err
await(struct hasher *hasher, const struct deadline *deadline, struct job *job,
    char out[PASSWORD_HASH_SIZE], struct hasher_turn *turn)
{
	enum err err = ERR_INTERNAL;

	while (job->state != JOB_DONE) {
		int64_t left_ms = deadline_left_ms(deadline);
		struct timespec moment = thread_time_in(left_ms);

		if (left_ms == 0)
			return abandon(hasher, job, turn);
		(void)pthread_cond_timedwait(&job->done, &hasher->mutex, &moment);
	}
	turn->waited_ms = job->started_at_ms - job->queued_at_ms;
	if (job->hashed) {
		memcpy(out, job->hash, PASSWORD_HASH_SIZE);
		err = ERR_OK;
	}
	release(hasher, job);
	return err;
}

enum err
hasher_run(struct hasher *hasher, const struct deadline *deadline,
    const char phrase[PASSWORD_PREHASH_SIZE], const char *setting, char out[PASSWORD_HASH_SIZE],
    struct hasher_turn *turn)
{
	struct job *job;
	enum err err;

	*turn = (struct hasher_turn){.waited_ms = 0};
	(void)pthread_mutex_lock(&hasher->mutex);
	err = enter(hasher, deadline, turn, &job);
	if (err == ERR_OK) {
		memcpy(job->phrase, phrase, PASSWORD_PREHASH_SIZE);
		memcpy(job->setting, setting, strnlen(setting, PASSWORD_HASH_SIZE - 1) + 1);
		job->setting[PASSWORD_HASH_SIZE - 1] = '\0';
		(void)pthread_cond_signal(&hasher->work);
		err = await(hasher, deadline, job, out, turn);
	}
	(void)pthread_mutex_unlock(&hasher->mutex);
	return err;
}

void
hasher_stats(struct hasher *hasher, struct hasher_stats *out)
{
	(void)pthread_mutex_lock(&hasher->mutex);
	*out = hasher->stats;
	(void)pthread_mutex_unlock(&hasher->mutex);
}

/* --- start and end ------------------------------------------------------------------------ */

static enum err
start_threads(struct hasher *hasher)
{
	while (hasher->started < hasher->settings.threads) {
		TRY(thread_start(&hasher->threads[hasher->started], hasher_thread, hasher));
		hasher->started++;
	}
	return ERR_OK;
}

static void
init_conditions(struct hasher *hasher)
{
	check(pthread_cond_init(&hasher->work, NULL) == 0);
	for (size_t i = 0; i < hasher->settings.callers_max; i++)
		thread_condition_init(&hasher->jobs[i].done);
}

enum err
hasher_new(const struct hasher_settings *settings, struct hasher **out)
{
	struct hasher *hasher = calloc(1, sizeof(*hasher));
	enum err err;

	TRY_ALLOC(hasher);
	check(settings->threads > 0 && settings->callers_max > 0);
	hasher->settings = *settings;
	hasher->average_ms = settings->cost >= 12 ? (int64_t)COST_12_MS << (settings->cost - 12)
						  : COST_12_MS >> (12 - settings->cost);
	hasher->threads = calloc(settings->threads, sizeof(*hasher->threads));
	hasher->jobs = calloc(settings->callers_max, sizeof(*hasher->jobs));
	if (hasher->threads == NULL || hasher->jobs == NULL) {
		free(hasher->threads);
		free(hasher->jobs);
		free(hasher);
		return ERR_MEMORY;
	}
	check(pthread_mutex_init(&hasher->mutex, NULL) == 0);
	init_conditions(hasher);
	err = start_threads(hasher);
	if (err != ERR_OK) {
		hasher_free(&hasher);
		return err;
	}
	*out = hasher;
	return ERR_OK;
}

void
hasher_free(struct hasher **hasher)
{
	struct hasher *own = *hasher;

	if (own == NULL)
		return;
	(void)pthread_mutex_lock(&own->mutex);
	own->stopping = true;
	(void)pthread_cond_broadcast(&own->work);
	(void)pthread_mutex_unlock(&own->mutex);
	for (size_t i = 0; i < own->started; i++)
		(void)pthread_join(own->threads[i], NULL);
	for (size_t i = 0; i < own->settings.callers_max; i++)
		(void)pthread_cond_destroy(&own->jobs[i].done);
	(void)pthread_cond_destroy(&own->work);
	(void)pthread_mutex_destroy(&own->mutex);
	free(own->threads);
	free(own->jobs);
	free(own);
	*hasher = NULL;
}

#include "shared/edge/auth_feed.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shared/base/check.h"
#include "shared/base/log.h"
#include "shared/base/thread.h"
#include "shared/edge/auth_questions.h"

#define FIRST_POLL_MS  250
#define ANSWER_MS      2000 /* auth has this long to answer a question */
#define REFETCH_GAP_MS 1000
#define NEVER          INT64_MIN

struct auth_feed {
	const struct clock *clock;
	int64_t poll_ms;
	struct auth_questions *questions; /* the thread's own, once it runs */
	struct revocations *revocations;

	pthread_rwlock_t keys_lock; /* of the two below */
	struct jwt_key_set *keys;
	uint64_t generation;
	_Atomic int64_t answered_at_ms; /* monotonic, by CLOCK; NEVER */

	pthread_t thread;
	bool running;
	pthread_mutex_t mutex;   /* of what follows */
	pthread_cond_t wake;     /* the thread: stop, or keys are wanted */
	pthread_cond_t answered; /* those who wait for keys */
	bool stopping;
	bool keys_wanted;
	bool asking_keys;
	bool auth_answers;        /* the last question for keys was answered */
	uint64_t keys_answers;    /* questions for keys that are over, answered or not */
	int64_t keys_asked_at_ms; /* monotonic, the kernel's */
};

/* --- waiting: on the kernel's monotonic clock, whatever CLOCK says ---------------------------- */

static int64_t
kernel_ms(void)
{
	return clock_monotonic_ms(&clock_system);
}

/* False once AT_MS has passed. */
static bool
wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t at_ms)
{
	const struct timespec at = thread_time_at(at_ms);

	return pthread_cond_timedwait(condition, mutex, &at) == 0;
}

/* --- life ------------------------------------------------------------------------------------- */

enum err
auth_feed_new(
    const char *auth_url, int64_t poll_ms, const struct clock *clock, struct auth_feed **out)
{
	struct auth_feed *feed = calloc(1, sizeof(*feed));
	enum err err;

	TRY_ALLOC(feed);
	feed->clock = clock;
	feed->poll_ms = poll_ms;
	feed->keys_asked_at_ms = kernel_ms() - REFETCH_GAP_MS;
	atomic_init(&feed->answered_at_ms, NEVER);
	check(pthread_rwlock_init(&feed->keys_lock, NULL) == 0);
	check(pthread_mutex_init(&feed->mutex, NULL) == 0);
	thread_condition_init(&feed->wake);
	thread_condition_init(&feed->answered);
	err = revocations_new(&feed->revocations);
	if (err == ERR_OK)
		err = auth_questions_new(auth_url, feed->revocations, &feed->questions);
	if (err != ERR_OK) {
		auth_feed_free(&feed);
		return err;
	}
	*out = feed;
	return ERR_OK;
}

static void
stop(struct auth_feed *feed)
{
	check(pthread_mutex_lock(&feed->mutex) == 0);
	feed->stopping = true;
	check(pthread_cond_broadcast(&feed->wake) == 0);
	check(pthread_cond_broadcast(&feed->answered) == 0);
	check(pthread_mutex_unlock(&feed->mutex) == 0);
	if (feed->running)
		check(pthread_join(feed->thread, NULL) == 0);
	feed->running = false;
}

void
auth_feed_free(struct auth_feed **owner)
{
	struct auth_feed *feed = *owner;

	if (feed == NULL)
		return;
	stop(feed);
	auth_questions_free(&feed->questions);
	revocations_free(&feed->revocations);
	jwt_key_set_unref(&feed->keys);
	(void)pthread_cond_destroy(&feed->wake);
	(void)pthread_cond_destroy(&feed->answered);
	(void)pthread_mutex_destroy(&feed->mutex);
	(void)pthread_rwlock_destroy(&feed->keys_lock);
	free(feed);
	*owner = NULL;
}

/* --- the thread ------------------------------------------------------------------------------- */

/* Takes the reference to KEYS. */
static void
publish_keys(struct auth_feed *feed, struct jwt_key_set *keys)
{
	struct jwt_key_set *old;

	log_info("auth's keys", LOG_INT("keys", (int64_t)jwt_key_set_count(keys)));
	check(pthread_rwlock_wrlock(&feed->keys_lock) == 0);
	old = feed->keys;
	feed->keys = keys;
	feed->generation++;
	check(pthread_rwlock_unlock(&feed->keys_lock) == 0);
	jwt_key_set_unref(&old);
}

static bool
ask_keys(struct auth_feed *feed)
{
	struct deadline deadline = deadline_in(&clock_system, ANSWER_MS);
	struct jwt_key_set *keys = NULL;
	enum err err;

	check(pthread_mutex_lock(&feed->mutex) == 0);
	feed->keys_wanted = false;
	feed->asking_keys = true;
	feed->keys_asked_at_ms = kernel_ms();
	check(pthread_mutex_unlock(&feed->mutex) == 0);
	err = auth_questions_keys(feed->questions, &deadline, &keys);
	if (err == ERR_OK && keys != NULL)
		publish_keys(feed, keys);
	check(pthread_mutex_lock(&feed->mutex) == 0);
	feed->asking_keys = false;
	feed->auth_answers = err == ERR_OK;
	feed->keys_answers++;
	check(pthread_cond_broadcast(&feed->answered) == 0);
	check(pthread_mutex_unlock(&feed->mutex) == 0);
	if (err != ERR_OK)
		log_debug("no keys from auth", LOG_ERR(err));
	return err == ERR_OK;
}

static bool
ask_revoked(struct auth_feed *feed)
{
	struct deadline deadline = deadline_in(&clock_system, ANSWER_MS);
	enum err err = auth_questions_revoked(feed->questions, &deadline);

	if (err != ERR_OK)
		log_debug("no list of revoked sessions from auth", LOG_ERR(err));
	return err == ERR_OK;
}

/* Both questions.  Says in the log when auth went away and when it came back. */
static void
poll_auth(struct auth_feed *feed, bool *was_there)
{
	bool there = ask_keys(feed) && ask_revoked(feed);

	if (there)
		atomic_store(&feed->answered_at_ms, clock_monotonic_ms(feed->clock));
	if (there && !*was_there)
		log_info("auth answers",
		    LOG_INT("revoked_sessions", (int64_t)revocations_count(feed->revocations)));
	if (!there && *was_there)
		log_warn("auth does not answer: what it said last stands",
		    LOG_INT("poll_ms", feed->poll_ms));
	*was_there = there;
}

static int64_t
next_poll_in_ms(const struct auth_feed *feed)
{
	int64_t poll_ms = feed->poll_ms;
	uint32_t chance;

	if (atomic_load(&feed->answered_at_ms) == NEVER && poll_ms > FIRST_POLL_MS)
		poll_ms = FIRST_POLL_MS;
	random_bytes(&chance, sizeof(chance));
	return poll_ms - poll_ms / 5 * (int64_t)(chance % 1024) / 1024;
}

/* Waits for what comes first.  False: stop.  *KEYS_ONLY: the next poll is not due yet. */
static bool
await_work(struct auth_feed *feed, int64_t poll_at_ms, bool *keys_only)
{
	bool due = false;
	bool stopping;

	check(pthread_mutex_lock(&feed->mutex) == 0);
	while (!feed->stopping && !feed->keys_wanted && !due)
		due = !wait_until(&feed->wake, &feed->mutex, poll_at_ms);
	stopping = feed->stopping;
	check(pthread_mutex_unlock(&feed->mutex) == 0);
	*keys_only = !due && kernel_ms() < poll_at_ms;
	return !stopping;
}

static void *
run(void *context)
{
	struct auth_feed *feed = context;
	int64_t poll_at_ms = kernel_ms();
	bool was_there = true; /* so that auth away from the start is said, too */
	bool keys_only = false;

	while (await_work(feed, poll_at_ms, &keys_only)) {
		if (keys_only) {
			(void)ask_keys(feed);
			continue;
		}
		poll_auth(feed, &was_there);
		poll_at_ms = kernel_ms() + next_poll_in_ms(feed);
	}
	return NULL;
}

enum err
auth_feed_start(struct auth_feed *feed)
{
	check(!feed->running);
	TRY(thread_start(&feed->thread, run, feed));
	feed->running = true;
	return ERR_OK;
}

/* --- asking it -------------------------------------------------------------------------------- */

struct jwt_key_set *
auth_feed_keys(struct auth_feed *feed, uint64_t *generation)
{
	struct jwt_key_set *keys = NULL;

	if (atomic_load(&feed->answered_at_ms) == NEVER)
		return NULL;
	check(pthread_rwlock_rdlock(&feed->keys_lock) == 0);
	keys = jwt_key_set_ref(feed->keys);
	*generation = feed->generation;
	check(pthread_rwlock_unlock(&feed->keys_lock) == 0);
	return keys;
}

bool
auth_feed_session_ended(struct auth_feed *feed, const struct id *session_id)
{
	return revocations_contain(feed->revocations, session_id);
}

void
auth_feed_refetch_keys(struct auth_feed *feed)
{
	int64_t until_ms = kernel_ms() + REFETCH_GAP_MS;
	bool in_time = true;
	uint64_t wanted;

	check(pthread_mutex_lock(&feed->mutex) == 0);
	wanted = feed->keys_answers + 1;
	if (!feed->asking_keys) {
		if (!feed->auth_answers || kernel_ms() - feed->keys_asked_at_ms < REFETCH_GAP_MS)
			wanted = feed->keys_answers;
		else
			feed->keys_wanted = true;
		check(pthread_cond_signal(&feed->wake) == 0);
	}
	while (feed->keys_answers < wanted && !feed->stopping && in_time)
		in_time = wait_until(&feed->answered, &feed->mutex, until_ms);
	check(pthread_mutex_unlock(&feed->mutex) == 0);
}

int64_t
auth_feed_age_ms(const struct auth_feed *feed)
{
	int64_t answered_at_ms = atomic_load(&feed->answered_at_ms);

	return answered_at_ms == NEVER ? -1 : clock_monotonic_ms(feed->clock) - answered_at_ms;
}

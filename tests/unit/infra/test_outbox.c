#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/infra/broker.h"
#include "tests/unit/unit.h"

#include "shared/base/log.h"
#include "shared/infra/amqp.h"
#include "shared/infra/outbox.h"

#define PATIENCE_MS 60000
#define STORE_MAX   1000

static struct broker broker;
static bool broker_is_away;

static int
start_broker(void **state)
{
	(void)state;
	return broker_new(&broker);
}

static int
remove_broker(void **state)
{
	(void)state;
	return broker_remove(&broker);
}

/* A store in memory: what an outbox table or embedded events are elsewhere. */
struct store {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct {
		struct id id;
		const char *type;
	} events[STORE_MAX];
	size_t count;
	bool lent;
};

/* Each test's own.  Not on its stack: a failed assertion leaves that, and the relay still runs. */
static struct store store;
static struct outbox *outbox;

static int
setup(void **state)
{
	(void)state;
	memset(&store, 0, sizeof(store));
	return pthread_mutex_init(&store.lock, NULL) | pthread_cond_init(&store.changed, NULL);
}

/* Also after a failed assertion: nothing of it is left to the next test. */
static int
teardown(void **state)
{
	(void)state;
	outbox_stop(&outbox, 1000);
	(void)pthread_cond_destroy(&store.changed);
	(void)pthread_mutex_destroy(&store.lock);
	if (!broker_is_away)
		return 0;
	broker_is_away = false;
	return broker_start(&broker);
}

static void
store_put(const char *type)
{
	(void)pthread_mutex_lock(&store.lock);
	id_new(clock_now_ms(&clock_system), &store.events[store.count].id);
	store.events[store.count++].type = type;
	(void)pthread_mutex_unlock(&store.lock);
}

static enum err
store_fetch(
    void *context, struct arena *arena, struct outbox_event *events, size_t max, size_t *count)
{
	struct store *from = context;

	(void)arena;
	(void)pthread_mutex_lock(&from->lock);
	for (*count = 0; *count < max && *count < from->count; ++*count)
		events[*count] = (struct outbox_event){
		    .id = from->events[*count].id,
		    .type = from->events[*count].type,
		    .body = span_of("{}", 2),
		    .reference = &from->events[*count],
		};
	from->lent = *count > 0;
	(void)pthread_mutex_unlock(&from->lock);
	return ERR_OK;
}

static enum err
store_settle(void *context, const struct outbox_event *events, size_t count)
{
	struct store *from = context;
	size_t kept = 0;

	(void)pthread_mutex_lock(&from->lock);
	for (size_t i = 0; i < from->count; i++)
		if (i >= count || !events[i].confirmed)
			from->events[kept++] = from->events[i];
	from->count = kept;
	from->lent = false;
	(void)pthread_cond_broadcast(&from->changed);
	(void)pthread_mutex_unlock(&from->lock);
	return ERR_OK;
}

static enum err
store_depth(void *context, int64_t *count, int64_t *oldest_ms)
{
	struct store *from = context;

	(void)pthread_mutex_lock(&from->lock);
	*count = (int64_t)from->count;
	*oldest_ms = 0;
	(void)pthread_mutex_unlock(&from->lock);
	return ERR_OK;
}

static const char *
store_first_type(void)
{
	const char *type;

	(void)pthread_mutex_lock(&store.lock);
	type = store.events[0].type;
	(void)pthread_mutex_unlock(&store.lock);
	return type;
}

/* Waits until LEFT events are in the store, and the relay has none of them in hand. */
static void
store_await(size_t left)
{
	struct timespec until;
	int failed = 0;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_MS / 1000;
	(void)pthread_mutex_lock(&store.lock);
	while ((store.count != left || store.lent) && failed == 0)
		failed = pthread_cond_timedwait(&store.changed, &store.lock, &until);
	(void)pthread_mutex_unlock(&store.lock);
	assert_int_equal(failed, 0);
}

static void
start_relay(void)
{
	const struct outbox_source source = {
	    .context = &store, .fetch = store_fetch, .settle = store_settle, .depth = store_depth};

	assert_err(ERR_OK, outbox_start(&source, broker.url, "relay", &clock_system, &outbox));
}

static void
make_queue(const char *name, const char *key)
{
	const char *const bindings[] = {key, NULL};
	const struct amqp_queue queue = {name, bindings, "test.dead", 20};
	const struct deadline deadline = deadline_in(&clock_system, PATIENCE_MS);
	struct amqp *amqp = NULL;

	assert_err(ERR_OK, amqp_new(broker.url, "maker", &clock_system, &amqp));
	assert_err(ERR_OK, amqp_declare_queue(amqp, &deadline, &queue));
	amqp_free(&amqp);
}

static void
everything_in_the_store_is_published(void **state)
{
	struct outbox_stats stats;
	char detail[128] = "";

	(void)state;
	make_queue("test.all", "all.#");
	for (int i = 0; i < 250; i++)
		store_put("all.before");
	start_relay();
	store_await(0);
	for (int i = 0; i < 20; i++) {
		store_put("all.after");
		outbox_wake(outbox);
		store_await(0);
	}
	outbox_stats(outbox, &stats);
	assert_int_equal(stats.published, 270);
	assert_int_equal(stats.returned, 0);
	assert_err(ERR_OK, outbox_check(outbox, detail, sizeof(detail)));
	assert_string_equal(detail, "");
	outbox_stop(&outbox, 1000);
	outbox_stop(&outbox, 1000);
}

static void
what_no_queue_takes_stays_until_one_does(void **state)
{
	struct outbox_stats stats;

	(void)state;
	make_queue("test.some", "some.#");
	store_put("later.x");
	store_put("some.x");
	start_relay();
	store_await(1);
	assert_string_equal(store_first_type(), "later.x");
	make_queue("test.later", "later.#");
	store_await(0);
	outbox_stats(outbox, &stats);
	assert_int_equal(stats.published, 2);
	assert_true(stats.returned >= 1);
}

static void
stopping_flushes_what_is_left(void **state)
{
	(void)state;
	make_queue("test.flush", "flush.#");
	start_relay();
	for (int i = 0; i < 150; i++)
		store_put("flush.x");
	outbox_stop(&outbox, PATIENCE_MS);
	assert_int_equal(store.count, 0);
}

static void
nothing_is_lost_while_the_broker_is_away(void **state)
{
	const struct deadline until = deadline_in(&clock_system, PATIENCE_MS);
	char detail[128] = "";
	enum err err;

	(void)state;
	make_queue("test.away", "away.#");
	start_relay();
	store_put("away.x");
	outbox_wake(outbox);
	store_await(0);
	broker_is_away = true;
	assert_int_equal(broker_stop(&broker), 0);
	for (int i = 0; i < 50; i++)
		store_put("away.x");
	do {
		outbox_wake(outbox);
		(void)poll(NULL, 0, 50);
		err = outbox_check(outbox, detail, sizeof(detail));
	} while (err == ERR_OK && deadline_left_ms(&until) > 0);
	assert_err(ERR_UNAVAILABLE, err);
	assert_non_null(strstr(detail, " events wait in the outbox"));
	/* It holds nothing of the store's while there is nobody to give it to. */
	store_await(50);
	assert_int_equal(broker_start(&broker), 0);
	broker_is_away = false;
	store_await(0);
}

static void
stopping_is_quick_without_a_broker(void **state)
{
	const struct outbox_source source = {
	    .context = &store, .fetch = store_fetch, .settle = store_settle};

	(void)state;
	store_put("x.y");
	assert_err(
	    ERR_OK, outbox_start(&source, "amqp://127.0.0.1:1", "relay", &clock_system, &outbox));
	outbox_stop(&outbox, 500);
	assert_null(outbox);
	assert_int_equal(store.count, 1);
	assert_err(ERR_CONFIG, outbox_start(&source, "bad", "relay", &clock_system, &outbox));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(everything_in_the_store_is_published),
	    TEST(what_no_queue_takes_stays_until_one_does),
	    TEST(stopping_flushes_what_is_left),
	    TEST(nothing_is_lost_while_the_broker_is_away),
	    TEST(stopping_is_quick_without_a_broker),
	};

	log_init("test", LOG_ERROR, STDERR_FILENO);
	return cmocka_run_group_tests(tests, start_broker, remove_broker);
}

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

static void
store_init(struct store *store)
{
	memset(store, 0, sizeof(*store));
	assert_int_equal(pthread_mutex_init(&store->lock, NULL), 0);
	assert_int_equal(pthread_cond_init(&store->changed, NULL), 0);
}

static void
store_put(struct store *store, const char *type)
{
	(void)pthread_mutex_lock(&store->lock);
	id_new(clock_now_ms(&clock_system), &store->events[store->count].id);
	store->events[store->count++].type = type;
	(void)pthread_mutex_unlock(&store->lock);
}

static enum err
store_fetch(
    void *context, struct arena *arena, struct outbox_event *events, size_t max, size_t *count)
{
	struct store *store = context;

	(void)arena;
	(void)pthread_mutex_lock(&store->lock);
	for (*count = 0; *count < max && *count < store->count; ++*count)
		events[*count] = (struct outbox_event){
		    .id = store->events[*count].id,
		    .type = store->events[*count].type,
		    .body = span_of("{}", 2),
		    .reference = &store->events[*count],
		};
	store->lent = *count > 0;
	(void)pthread_mutex_unlock(&store->lock);
	return ERR_OK;
}

static enum err
store_settle(void *context, const struct outbox_event *events, size_t count)
{
	struct store *store = context;
	size_t kept = 0;

	(void)pthread_mutex_lock(&store->lock);
	for (size_t i = 0; i < store->count; i++)
		if (i >= count || !events[i].confirmed)
			store->events[kept++] = store->events[i];
	store->count = kept;
	store->lent = false;
	(void)pthread_cond_broadcast(&store->changed);
	(void)pthread_mutex_unlock(&store->lock);
	return ERR_OK;
}

static enum err
store_depth(void *context, int64_t *count, int64_t *oldest_ms)
{
	struct store *store = context;

	(void)pthread_mutex_lock(&store->lock);
	*count = (int64_t)store->count;
	*oldest_ms = 0;
	(void)pthread_mutex_unlock(&store->lock);
	return ERR_OK;
}

/* Waits until LEFT events are in the store. */
static void
store_await(struct store *store, size_t left)
{
	struct timespec until;
	int failed = 0;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_MS / 1000;
	(void)pthread_mutex_lock(&store->lock);
	while (store->count != left && failed == 0)
		failed = pthread_cond_timedwait(&store->changed, &store->lock, &until);
	(void)pthread_mutex_unlock(&store->lock);
	assert_int_equal(failed, 0);
}

static struct outbox *
start_relay(struct store *store)
{
	const struct outbox_source source = {
	    .context = store, .fetch = store_fetch, .settle = store_settle, .depth = store_depth};
	struct outbox *outbox = NULL;

	assert_err(ERR_OK, outbox_start(&source, broker.url, "relay", &clock_system, &outbox));
	return outbox;
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
	struct store store;
	struct outbox *outbox;
	struct outbox_stats stats;
	char detail[128] = "";

	(void)state;
	store_init(&store);
	make_queue("test.all", "all.#");
	for (int i = 0; i < 250; i++)
		store_put(&store, "all.before");
	outbox = start_relay(&store);
	store_await(&store, 0);
	for (int i = 0; i < 20; i++) {
		store_put(&store, "all.after");
		outbox_wake(outbox);
		store_await(&store, 0);
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
	struct store store;
	struct outbox *outbox;
	struct outbox_stats stats;

	(void)state;
	store_init(&store);
	make_queue("test.some", "some.#");
	store_put(&store, "later.x");
	store_put(&store, "some.x");
	outbox = start_relay(&store);
	store_await(&store, 1);
	assert_string_equal(store.events[0].type, "later.x");
	make_queue("test.later", "later.#");
	store_await(&store, 0);
	outbox_stats(outbox, &stats);
	assert_int_equal(stats.published, 2);
	assert_true(stats.returned >= 1);
	outbox_stop(&outbox, 1000);
}

static void
stopping_flushes_what_is_left(void **state)
{
	struct store store;
	struct outbox *outbox;

	(void)state;
	store_init(&store);
	make_queue("test.flush", "flush.#");
	outbox = start_relay(&store);
	for (int i = 0; i < 150; i++)
		store_put(&store, "flush.x");
	outbox_stop(&outbox, PATIENCE_MS);
	assert_int_equal(store.count, 0);
}

static void
nothing_is_lost_while_the_broker_is_away(void **state)
{
	struct store store;
	struct outbox *outbox;
	char detail[128] = "";

	(void)state;
	store_init(&store);
	make_queue("test.away", "away.#");
	outbox = start_relay(&store);
	store_put(&store, "away.x");
	outbox_wake(outbox);
	store_await(&store, 0);
	assert_int_equal(broker_stop(&broker), 0);
	for (int i = 0; i < 50; i++)
		store_put(&store, "away.x");
	do {
		outbox_wake(outbox);
		(void)poll(NULL, 0, 50);
	} while (outbox_check(outbox, detail, sizeof(detail)) == ERR_OK);
	assert_non_null(strstr(detail, " events wait in the outbox"));
	/* It holds nothing of the store's while there is nobody to give it to. */
	assert_false(store.lent);
	assert_int_equal(store.count, 50);
	assert_int_equal(broker_start(&broker), 0);
	store_await(&store, 0);
	outbox_stop(&outbox, 1000);
}

static void
stopping_is_quick_without_a_broker(void **state)
{
	struct store store;
	struct outbox *outbox = NULL;
	const struct outbox_source source = {
	    .context = &store, .fetch = store_fetch, .settle = store_settle};

	(void)state;
	store_init(&store);
	store_put(&store, "x.y");
	assert_err(
	    ERR_OK, outbox_start(&source, "amqp://127.0.0.1:1", "relay", &clock_system, &outbox));
	outbox_stop(&outbox, 500);
	assert_null(outbox);
	assert_int_equal(store.count, 1);
	assert_err(ERR_CONFIG, outbox_start(&source, "bad", "relay", &clock_system, &outbox));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everything_in_the_store_is_published),
	    cmocka_unit_test(what_no_queue_takes_stays_until_one_does),
	    cmocka_unit_test(stopping_flushes_what_is_left),
	    cmocka_unit_test(nothing_is_lost_while_the_broker_is_away),
	    cmocka_unit_test(stopping_is_quick_without_a_broker),
	};

	log_init("test", LOG_ERROR, STDERR_FILENO);
	return cmocka_run_group_tests(tests, start_broker, remove_broker);
}

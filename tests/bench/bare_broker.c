/*
 * bench/bare_broker: a burst of events for the notifier, and what the broker does without it.
 *
 *   bare_broker burst item.updated|user.registered COUNT OWNERS
 *       publishes COUNT events to the shop's exchange: of items of OWNERS sellers, or of as many
 *       accounts as there are events
 *   bare_broker bare COUNT PREFETCH
 *       the like by the same exchange into a queue of its own, whose consumer but acknowledges
 *
 * Prints when it began (seconds since 1970), and the events published a second, each confirmed;
 * `bare` those consumed and acknowledged a second besides, from the beginning to the last.
 * AMQP_URL is the broker's address.
 */
#include <string.h>

#include "shared/base/id.h"
#include "shared/base/log.h"
#include "shared/base/num.h"
#include "shared/edge/event.h"
#include "shared/infra/amqp.h"
#include "tests/bench/measure.h"

#define LIMIT_MS   60000
#define BODY_MAX   4096
#define ACK_EVERY  50 /* as many as the notifier takes at once */
#define COUNT_MAX  1000000
#define BARE_TYPE  "bench.happened"
#define BARE_QUEUE "notifier.bench"

struct burst {
	int64_t count, owners;
	struct amqp_message *messages;
	struct id *ids;
	struct buf *bodies;
};

/* --- events -------------------------------------------------------------------------------- */

/* The sellers' ids are known to the script, which makes their webhooks. */
static void
put_item(struct json_writer *w, const struct burst *burst, int64_t at)
{
	struct id seller;

	(void)snprintf(seller.text, sizeof(seller.text), "0190e2b0-1111-7222-8333-%012lld",
	    (long long)(at % burst->owners % COUNT_MAX));
	json_object_open(w, "item");
	json_put_text(w, "id", burst->ids[at].text);
	json_put_text(w, "seller_id", seller.text);
	json_put_text(w, "name", "Brass lamp");
	json_put_text(w, "description", "Burns for eight hours.");
	json_put_int(w, "stock", at);
	json_put_text(w, "category", "lighting");
	json_put_text(w, "status", "active");
	json_object_close(w);
}

static void
put_user(struct json_writer *w, const struct burst *burst, int64_t at)
{
	char email[64];

	(void)snprintf(email, sizeof(email), "bench-%lld@example.org", (long long)at);
	json_object_open(w, "user");
	json_put_text(w, "id", burst->ids[at].text);
	json_put_text(w, "email", email);
	json_put_text(w, "name", "Anna Bench");
	json_put_text(w, "locale", "en");
	json_object_close(w);
	json_put_text(w, "verification_token", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG");
}

static enum err
make_event(struct burst *burst, const char *type, int64_t at)
{
	int64_t now_ms = clock_now_ms(&clock_system);
	struct buf *body = &burst->bodies[at];
	struct event_head head = {
	    .type = type, .source = "/bench", .subject = burst->ids[at].text, .time_ms = now_ms};
	struct json_writer w;

	id_new(now_ms, &burst->ids[at]);
	head.id = burst->ids[at];
	buf_init(body, BODY_MAX);
	event_open(&w, body, &head);
	if (strncmp(type, "user.", 5) == 0)
		put_user(&w, burst, at);
	else
		put_item(&w, burst, at);
	event_close(&w);
	TRY(buf_finish(body));
	burst->messages[at] = (struct amqp_message){.routing_key = type,
	    .message_id = burst->ids[at].text,
	    .content_type = "application/cloudevents+json",
	    .body = span_of(body->data, body->len)};
	return ERR_OK;
}

static enum err
burst_make(struct burst *burst, const char *type)
{
	size_t count = (size_t)burst->count;

	burst->messages = calloc(count, sizeof(*burst->messages));
	burst->ids = calloc(count, sizeof(*burst->ids));
	burst->bodies = calloc(count, sizeof(*burst->bodies));
	if (burst->messages == NULL || burst->ids == NULL || burst->bodies == NULL)
		return ERR_MEMORY;
	for (int64_t at = 0; at < burst->count; at++)
		TRY(make_event(burst, type, at));
	return ERR_OK;
}

static void
burst_free(struct burst *burst)
{
	for (int64_t at = 0; burst->bodies != NULL && at < burst->count; at++)
		buf_fini(&burst->bodies[at]);
	free(burst->messages);
	free(burst->ids);
	free(burst->bodies);
}

/* --- publishing ---------------------------------------------------------------------------- */

static enum err
publish(struct amqp *amqp, struct burst *burst)
{
	const struct deadline deadline = deadline_in(&clock_system, LIMIT_MS);
	double began;

	/* Connecting is no part of it. */
	TRY(amqp_declare_exchange(amqp, &deadline));
	printf("%.3f", (double)clock_now_ms(&clock_system) / 1000);
	began = measure_now();
	TRY(amqp_publish(amqp, &deadline, burst->messages, (size_t)burst->count));
	printf(" %.0f", (double)burst->count / (measure_now() - began));
	for (int64_t at = 0; at < burst->count; at++)
		if (!burst->messages[at].confirmed)
			return ERR_NOT_FOUND;
	return ERR_OK;
}

/* --- consuming ----------------------------------------------------------------------------- */

struct consumer {
	struct amqp *amqp;
	int64_t count;
	double done_at;
	enum err err;
};

static enum err
consumer_start(struct consumer *consumer, int64_t prefetch)
{
	static const char *const bindings[] = {BARE_TYPE, NULL};
	static const struct amqp_queue queue = {.name = BARE_QUEUE,
	    .bindings = bindings,
	    .dead_letter_queue = "notifier.dead",
	    .delivery_limit = 100};
	const struct deadline deadline = deadline_in(&clock_system, LIMIT_MS);

	TRY(amqp_declare_queue(consumer->amqp, &deadline, &queue));
	return amqp_consume(consumer->amqp, &deadline, queue.name, (uint16_t)prefetch);
}

static void *
consume(void *argument)
{
	struct consumer *consumer = argument;
	struct amqp_delivery delivery;
	enum err err = ERR_OK;

	for (int64_t at = 1; err == ERR_OK && at <= consumer->count; at++) {
		err = amqp_next(consumer->amqp, LIMIT_MS, &delivery);
		if (err == ERR_OK && (at % ACK_EVERY == 0 || at == consumer->count))
			err = amqp_ack_until(consumer->amqp, delivery.tag);
	}
	consumer->done_at = measure_now();
	consumer->err = err;
	return NULL;
}

static enum err
publish_and_consume(struct amqp *amqp, struct burst *burst, struct consumer *consumer)
{
	pthread_t thread;
	double began = measure_now();
	enum err err;

	if (pthread_create(&thread, NULL, consume, consumer) != 0)
		return ERR_MEMORY;
	err = publish(amqp, burst);
	(void)pthread_join(thread, NULL);
	TRY(err);
	TRY(consumer->err);
	printf(" %.0f", (double)burst->count / (consumer->done_at - began));
	return ERR_OK;
}

/* --- the program --------------------------------------------------------------------------- */

static enum err
run(const char *url, char **words, struct burst *burst, struct amqp **amqp,
    struct consumer *consumer)
{
	bool bare = strcmp(words[0], "bare") == 0;
	int64_t last;

	TRY(num_parse_i64(words[bare ? 1 : 2], 1, COUNT_MAX, &burst->count));
	TRY(num_parse_i64(words[bare ? 2 : 3], 1, UINT16_MAX, &last));
	burst->owners = last;
	TRY(burst_make(burst, bare ? BARE_TYPE : words[1]));
	TRY(amqp_new(url, "bench", &clock_system, amqp));
	if (!bare)
		return publish(*amqp, burst);
	consumer->count = burst->count;
	TRY(amqp_new(url, "bench's consumer", &clock_system, &consumer->amqp));
	TRY(consumer_start(consumer, last));
	return publish_and_consume(*amqp, burst, consumer);
}

int
main(int argc, char **argv)
{
	const char *url = getenv("AMQP_URL");
	struct burst burst = {0};
	struct consumer consumer = {0};
	struct amqp *amqp = NULL;
	enum err err;

	log_init("bare_broker", LOG_ERROR, STDERR_FILENO);
	if (url == NULL || argc < 4 || argc != (strcmp(argv[1], "bare") == 0 ? 4 : 5)) {
		(void)fputs(
		    "usage: bare_broker burst TYPE COUNT OWNERS | bare COUNT PREFETCH\n", stderr);
		return 64;
	}
	err = run(url, argv + 1, &burst, &amqp, &consumer);
	printf("\n");
	amqp_free(&consumer.amqp);
	amqp_free(&amqp);
	burst_free(&burst);
	if (err != ERR_OK)
		(void)fprintf(stderr, "bare_broker: %s\n", err_name(err));
	return err == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

#include "shared/base/macros.h"
#include "shared/infra/amqp_link.h"

#define DEAD_EXCHANGE "shop.dead"
/* Looking at a dead letter returns it to its queue, which must never run out of patience. */
#define DEAD_DELIVERY_LIMIT 1000000000

/* A tag counts within its channel only; the connection's generation in the upper bits keeps one
 * that outlived its connection from acknowledging another message. */
#define TAG_BITS 48
#define TAG_MASK ((UINT64_C(1) << TAG_BITS) - 1)

static amqp_table_entry_t
text_argument(const char *name, const char *value)
{
	return (amqp_table_entry_t){
	    .key = amqp_cstring_bytes(name),
	    .value = {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes(value)},
	};
}

static amqp_table_entry_t
number_argument(const char *name, int64_t value)
{
	return (amqp_table_entry_t){
	    .key = amqp_cstring_bytes(name),
	    .value = {.kind = AMQP_FIELD_KIND_I64, .value.i64 = value},
	};
}

static enum err
declare(struct amqp *amqp, const struct deadline *deadline, const char *name,
    amqp_table_entry_t *arguments, size_t count)
{
	amqp_table_t table = {(int)count, arguments};

	TRY(amqp_link_call_begin(amqp, deadline));
	(void)amqp_queue_declare(
	    amqp->state, AMQP_CHANNEL, amqp_cstring_bytes(name), 0, 1, 0, 0, table);
	return amqp_link_call_end(amqp, name);
}

static enum err
bind(struct amqp *amqp, const struct deadline *deadline, const char *queue, const char *exchange,
    const char *key)
{
	TRY(amqp_link_call_begin(amqp, deadline));
	(void)amqp_queue_bind(amqp->state, AMQP_CHANNEL, amqp_cstring_bytes(queue),
	    amqp_cstring_bytes(exchange), amqp_cstring_bytes(key), amqp_empty_table);
	return amqp_link_call_end(amqp, queue);
}

static enum err
declare_dead(struct amqp *amqp, const struct deadline *deadline, const char *name)
{
	amqp_table_entry_t arguments[] = {
	    text_argument("x-queue-type", "quorum"),
	    number_argument("x-delivery-limit", DEAD_DELIVERY_LIMIT),
	};

	TRY(amqp_link_call_begin(amqp, deadline));
	(void)amqp_exchange_declare(amqp->state, AMQP_CHANNEL, amqp_cstring_bytes(DEAD_EXCHANGE),
	    amqp_cstring_bytes("direct"), 0, 1, 0, 0, amqp_empty_table);
	TRY(amqp_link_call_end(amqp, "exchange " DEAD_EXCHANGE));
	TRY(declare(amqp, deadline, name, arguments, COUNT_OF(arguments)));
	return bind(amqp, deadline, name, DEAD_EXCHANGE, name);
}

enum err
amqp_declare_queue(
    struct amqp *amqp, const struct deadline *deadline, const struct amqp_queue *queue)
{
	/* At least once, so that a letter rejected while its new queue is away waits and is not
	 * lost; that needs reject-publish, which without a length limit rejects nothing. */
	amqp_table_entry_t arguments[] = {
	    text_argument("x-queue-type", "quorum"),
	    number_argument("x-delivery-limit", queue->delivery_limit),
	    text_argument("x-dead-letter-exchange", DEAD_EXCHANGE),
	    text_argument("x-dead-letter-routing-key", queue->dead_letter_queue),
	    text_argument("x-dead-letter-strategy", "at-least-once"),
	    text_argument("x-overflow", "reject-publish"),
	};

	TRY(amqp_declare_exchange(amqp, deadline));
	TRY(declare_dead(amqp, deadline, queue->dead_letter_queue));
	TRY(declare(amqp, deadline, queue->name, arguments, COUNT_OF(arguments)));
	for (const char *const *key = queue->bindings; *key != NULL; key++)
		TRY(bind(amqp, deadline, queue->name, AMQP_EXCHANGE, *key));
	amqp_link_worked(amqp);
	return ERR_OK;
}

enum err
amqp_consume(
    struct amqp *amqp, const struct deadline *deadline, const char *queue, uint16_t prefetch)
{
	TRY(amqp_link_call_begin(amqp, deadline));
	(void)amqp_basic_qos(amqp->state, AMQP_CHANNEL, 0, prefetch, 0);
	TRY(amqp_link_call_end(amqp, "prefetch"));
	TRY(amqp_link_call_begin(amqp, deadline));
	(void)amqp_basic_consume(amqp->state, AMQP_CHANNEL, amqp_cstring_bytes(queue),
	    amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
	TRY(amqp_link_call_end(amqp, queue));
	amqp->consuming = true;
	amqp_link_worked(amqp);
	return ERR_OK;
}

static void
take_delivery(struct amqp *amqp, struct amqp_delivery *out)
{
	struct amqp_content *content = &amqp->content;

	out->tag = ((uint64_t)amqp->generation << TAG_BITS) | (content->tag & TAG_MASK);
	out->redelivered = content->redelivered;
	out->too_large = content->too_large;
	out->routing_key = content->routing_key;
	out->message_id = content->message_id;
	out->death_reason = content->death_reason;
	out->death_queue = content->death_queue;
	out->body =
	    span_of(content->body.data != NULL ? content->body.data : "", content->body.len);
}

enum err
amqp_next(struct amqp *amqp, int64_t ms, struct amqp_delivery *out)
{
	const struct deadline until = deadline_in(amqp->clock, ms);
	struct amqp_news news;

	if (!amqp->consuming)
		return ERR_UNAVAILABLE;
	for (;;) {
		int64_t left = deadline_left_ms(&until);

		TRY(amqp_link_read(amqp, left, &news));
		if (news.kind == AMQP_NEWS_DELIVERY) {
			take_delivery(amqp, out);
			return ERR_OK;
		}
		if (news.kind == AMQP_NEWS_CANCEL)
			return amqp_link_drop(amqp, "the consumer was cancelled");
		/* A delivery comes in several frames: what is there already is read to its end. */
		if (left == 0 && news.kind == AMQP_NEWS_NONE)
			return ERR_DEADLINE;
	}
}

/* ERR_UNAVAILABLE for a tag of a connection that is gone: the broker delivers it again. */
static enum err
own_tag(const struct amqp *amqp, uint64_t tag, uint64_t *out)
{
	if (amqp->state == NULL || !amqp->consuming ||
	    (uint16_t)(tag >> TAG_BITS) != amqp->generation)
		return ERR_UNAVAILABLE;
	*out = tag & TAG_MASK;
	return ERR_OK;
}

static enum err
sent(struct amqp *amqp, int status)
{
	return status == AMQP_STATUS_OK ? ERR_OK : amqp_link_drop(amqp, amqp_error_string2(status));
}

enum err
amqp_ack(struct amqp *amqp, uint64_t tag)
{
	uint64_t own;

	TRY(own_tag(amqp, tag, &own));
	return sent(amqp, amqp_basic_ack(amqp->state, AMQP_CHANNEL, own, 0));
}

enum err
amqp_ack_until(struct amqp *amqp, uint64_t tag)
{
	uint64_t own;

	TRY(own_tag(amqp, tag, &own));
	return sent(amqp, amqp_basic_ack(amqp->state, AMQP_CHANNEL, own, 1));
}

enum err
amqp_reject(struct amqp *amqp, uint64_t tag, bool requeue)
{
	uint64_t own;

	TRY(own_tag(amqp, tag, &own));
	return sent(amqp, amqp_basic_reject(amqp->state, AMQP_CHANNEL, own, requeue));
}

enum err
amqp_count(struct amqp *amqp, const struct deadline *deadline, const char *queue, int64_t *out)
{
	const amqp_queue_declare_ok_t *answer;
	int64_t count;

	TRY(amqp_link_call_begin(amqp, deadline));
	answer = amqp_queue_declare(
	    amqp->state, AMQP_CHANNEL, amqp_cstring_bytes(queue), 1, 0, 0, 0, amqp_empty_table);
	count = answer != NULL ? (int64_t)answer->message_count : 0;
	TRY(amqp_link_call_end(amqp, queue));
	*out = count;
	return ERR_OK;
}

/* The dead letters' exchange serves for the way back, too: by the queue's own name. */
enum err
amqp_send_back(struct amqp *amqp, const struct deadline *deadline, const char *queue,
    const struct amqp_message *message)
{
	struct amqp_message again = *message;

	TRY(bind(amqp, deadline, queue, DEAD_EXCHANGE, queue));
	again.exchange = DEAD_EXCHANGE;
	again.routing_key = queue;
	TRY(amqp_publish(amqp, deadline, &again, 1));
	return again.confirmed ? ERR_OK : ERR_UNAVAILABLE;
}

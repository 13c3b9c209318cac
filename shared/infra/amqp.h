/*
 * infra/amqp: a thin client of RabbitMQ over rabbitmq-c.
 *
 * Layer: infra.  One connection, one thread.  It connects on first use and again after it broke,
 * over all hosts of the URL list, with jittered back-off; heartbeats are serviced by amqp_idle and
 * by every wait.  Publishing is confirmed: a message counts as published only when the broker
 * acknowledged it and did not return it (a basic.return comes before its confirm).
 * The account may configure, write and read what begins with `shop.` and `notifier.`: exchange and
 * queues are declared by whoever needs them.
 */
#ifndef SHARED_INFRA_AMQP_H
#define SHARED_INFRA_AMQP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/base/str.h"

#define AMQP_EXCHANGE "shop.events"

struct amqp;

/* URL: amqp[s]://user:password@host[:port][/vhost][?heartbeat=…&cacertfile=…], several separated by
 * commas; amqp_url.h has all parameters.  Does not connect yet.  ERR_CONFIG for a bad one. */
MUST_USE enum err amqp_new(
    const char *url, const char *name, const struct clock *clock, struct amqp **out);
/* Says goodbye to the broker, if that takes no time, and disconnects; what was delivered and not
 * acknowledged goes back to its queue.  The next call connects again. */
void amqp_close(struct amqp *amqp);
void amqp_free(struct amqp **amqp);
/* Milliseconds until a call will try to connect again; 0: connected, or it would try now.  So that
 * a loop around ERR_UNAVAILABLE can sleep. */
int64_t amqp_pause_left_ms(const struct amqp *amqp);

struct amqp_message {
	const char *routing_key;
	const char *message_id;
	const char *content_type;
	const char *traceparent; /* or NULL: goes out as a header too */
	struct span body;
	const char *exchange; /* NULL: AMQP_EXCHANGE */
	bool confirmed;       /* out: acknowledged and not returned */
	bool returned;        /* out: no queue is bound for it (kept, tried again later, counted) */
};

/*
 * Publishes COUNT messages (persistent, mandatory) to AMQP_EXCHANGE, pipelined, and waits for every
 * confirm until DEADLINE.  ERR_OK: all were answered (look at each `confirmed`); ERR_UNAVAILABLE or
 * ERR_DEADLINE: those confirmed so far are marked.  The exchange is declared once a connection.  A
 * blocked connection (connection.blocked) is waited for.
 */
MUST_USE enum err amqp_publish(struct amqp *amqp, const struct deadline *deadline,
    struct amqp_message *messages, size_t count);
/* Declares AMQP_EXCHANGE (topic, durable).  ERR_CONFIG when it exists with other arguments. */
MUST_USE enum err amqp_declare_exchange(struct amqp *amqp, const struct deadline *deadline);
/* Connects if need be and waits while the broker blocks the connection: after ERR_OK a publish has
 * every prospect.  Asks the broker nothing when connected. */
MUST_USE enum err amqp_open(struct amqp *amqp, const struct deadline *deadline);
/* Is the broker there?  Connects if need be, and has it answer. */
MUST_USE enum err amqp_ping(struct amqp *amqp, const struct deadline *deadline);
/* Services heartbeats for MS (0: only what is there); to be called while there is nothing else to
 * do, not while consuming.  ERR_UNAVAILABLE at once when not connected: it does not connect. */
MUST_USE enum err amqp_idle(struct amqp *amqp, int64_t ms);

/* --- consuming ------------------------------------------------------------------------- */

struct amqp_queue {
	const char *name;            /* quorum, durable */
	const char *const *bindings; /* routing patterns on AMQP_EXCHANGE, NULL-terminated */
	/* Declared too; gets what is rejected or was delivered too often. */
	const char *dead_letter_queue;
	uint32_t delivery_limit; /* deliveries that ended without an ack */
};

struct amqp_delivery { /* borrows until the next amqp_next */
	uint64_t tag;
	bool redelivered;
	bool too_large; /* over 4 MiB: the body is cut; to be rejected */
	const char *routing_key;
	const char *message_id; /* or "" */
	/* Of a dead letter: why it is one ("rejected", "delivery_limit"), where it was; or "". */
	const char *death_reason, *death_queue;
	struct span body;
};

/* Declares exchange, queue, dead-letter exchange and queue.  ERR_CONFIG with a clear log line when
 * the queue exists with other arguments. */
MUST_USE enum err amqp_declare_queue(
    struct amqp *amqp, const struct deadline *deadline, const struct amqp_queue *queue);
/* Starts consuming with manual acks and a PREFETCH. */
MUST_USE enum err amqp_consume(
    struct amqp *amqp, const struct deadline *deadline, const char *queue, uint16_t prefetch);
/* The next delivery; ERR_DEADLINE when none came within MS; ERR_UNAVAILABLE: lost, or cancelled by
 * the broker: declare and consume again. */
MUST_USE enum err amqp_next(struct amqp *amqp, int64_t ms, struct amqp_delivery *out);
MUST_USE enum err amqp_ack(struct amqp *amqp, uint64_t tag);
/* Acknowledges all deliveries up to TAG that were neither acknowledged nor rejected; TAG's must be
 * one of them. */
MUST_USE enum err amqp_ack_until(struct amqp *amqp, uint64_t tag);
/* All three: ERR_UNAVAILABLE when the delivery's connection is gone; it will be delivered again.
 * REQUEUE: back to the queue (counts towards the delivery limit); else to the dead letters. */
MUST_USE enum err amqp_reject(struct amqp *amqp, uint64_t tag, bool requeue);

/* --- dead letters ---------------------------------------------------------------------- */

/* How many messages wait in QUEUE; those that a consumer holds are not counted.  Also while
 * consuming. */
MUST_USE enum err amqp_count(
    struct amqp *amqp, const struct deadline *deadline, const char *queue, int64_t *out);
/* Publishes MESSAGE straight to QUEUE, past all others that are bound for its type.  ERR_OK: it is
 * there.  Not on a connection that consumes. */
MUST_USE enum err amqp_send_back(struct amqp *amqp, const struct deadline *deadline,
    const char *queue, const struct amqp_message *message);

#endif

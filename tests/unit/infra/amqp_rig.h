/*
 * tests/unit/infra/amqp_rig: clients of a broker of the test's own, and what all their tests do.
 */
#ifndef TESTS_UNIT_INFRA_AMQP_RIG_H
#define TESTS_UNIT_INFRA_AMQP_RIG_H

#include <string.h>

#include "tests/unit/infra/broker.h"
#include "tests/unit/unit.h"

#include "shared/infra/amqp.h"

#define PATIENCE_MS 60000

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

static struct deadline
patience(void)
{
	return deadline_in(&clock_system, PATIENCE_MS);
}

static struct amqp *
client(const char *name)
{
	struct amqp *amqp = NULL;

	assert_err(ERR_OK, amqp_new(broker.url, name, &clock_system, &amqp));
	return amqp;
}

/* Declares QUEUE, bound to KEY, and begins to consume. */
static void
consume(struct amqp *amqp, const char *queue, const char *key)
{
	const char *const bindings[] = {key, NULL};
	const struct amqp_queue wanted = {queue, bindings, "test.dead", 20};
	const struct deadline deadline = patience();

	assert_err(ERR_OK, amqp_declare_queue(amqp, &deadline, &wanted));
	assert_err(ERR_OK, amqp_consume(amqp, &deadline, queue, 100));
}

static struct amqp_message
message(const char *key, const char *id, const char *body)
{
	return (struct amqp_message){
	    .routing_key = key,
	    .message_id = id,
	    .content_type = "application/cloudevents+json",
	    .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
	    .body = span_of(body, strlen(body)),
	};
}

static void
publish_one(struct amqp *amqp, const char *key, const char *id, const char *body)
{
	struct amqp_message one = message(key, id, body);
	const struct deadline deadline = patience();

	assert_err(ERR_OK, amqp_publish(amqp, &deadline, &one, 1));
	assert_true(one.confirmed);
}

static void
expect_one(struct amqp *amqp, const char *id, const char *body, uint64_t *tag)
{
	struct amqp_delivery delivery;

	assert_err(ERR_OK, amqp_next(amqp, PATIENCE_MS, &delivery));
	assert_string_equal(delivery.message_id, id);
	assert_int_equal(delivery.body.len, strlen(body));
	assert_memory_equal(delivery.body.data, body, delivery.body.len);
	*tag = delivery.tag;
}

#endif

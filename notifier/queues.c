#include "notifier/queues.h"

/* A message is given back when this process ends or loses its database: often, over a long time,
 * without any fault of its own. */
#define DELIVERY_LIMIT 100

const struct amqp_queue notifier_queues[NOTIFIER_QUEUES] = {
    {.name = "notifier.account",
	.bindings = (const char *const[]){"user.#", NULL},
	.dead_letter_queue = DEAD_LETTERS_QUEUE,
	.delivery_limit = DELIVERY_LIMIT},
    {.name = "notifier.shop",
	.bindings = (const char *const[]){"item.#", "order.#", "webhook.#", NULL},
	.dead_letter_queue = DEAD_LETTERS_QUEUE,
	.delivery_limit = DELIVERY_LIMIT},
};

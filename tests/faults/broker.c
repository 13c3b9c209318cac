/*
 * broker COMMAND: what somebody else does at the shop's broker, whose address is AMQP_URL.
 *
 *   publish EXCHANGE KEY ID   a message with what standard input says; ID may be empty
 *   flood                     events of shop.events, a line each: type, id and body
 *   delete QUEUE
 *   replace QUEUE             deletes it and declares it anew, with other arguments
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/log.h"
#include "shared/base/macros.h"
#include "shared/base/str.h"
#include "shared/infra/amqp_link.h"

#define BODY_MAX_BYTES 65536
#define LIMIT_MS       20000

static enum err
publish(struct amqp *amqp, const struct deadline *deadline, char **words)
{
	static char body[BODY_MAX_BYTES];
	struct amqp_message message = {
	    .exchange = words[0],
	    .routing_key = words[1],
	    .message_id = words[2],
	    .content_type = "application/cloudevents+json",
	    .body = span_of(body, fread(body, 1, sizeof(body), stdin)),
	};

	TRY(amqp_publish(amqp, deadline, &message, 1));
	return message.confirmed ? ERR_OK : ERR_NOT_FOUND;
}

/* One after the other, each confirmed, however often the broker goes away meanwhile. */
static enum err
flood(struct amqp *amqp, const struct deadline *deadline, char **words)
{
	static char type[256];
	static char id[256];
	static char body[BODY_MAX_BYTES];

	(void)deadline;
	(void)words;
	while (scanf("%255s %255s %65535[^\n]", type, id, body) == 3) {
		struct amqp_message message = {.routing_key = type,
		    .message_id = id,
		    .content_type = "application/cloudevents+json",
		    .body = span_of(body, strlen(body))};

		while (!message.confirmed) {
			const struct deadline soon = deadline_in(&clock_system, LIMIT_MS);

			if (amqp_publish(amqp, &soon, &message, 1) != ERR_OK)
				(void)poll(NULL, 0, (int)amqp_pause_left_ms(amqp));
		}
	}
	return ERR_OK;
}

static enum err
remove_queue(struct amqp *amqp, const struct deadline *deadline, char **words)
{
	TRY(amqp_link_call_begin(amqp, deadline));
	(void)amqp_queue_delete(amqp->state, AMQP_CHANNEL, amqp_cstring_bytes(words[0]), 0, 0);
	return amqp_link_call_end(amqp, words[0]);
}

static enum err
replace(struct amqp *amqp, const struct deadline *deadline, char **words)
{
	TRY(remove_queue(amqp, deadline, words));
	TRY(amqp_link_call_begin(amqp, deadline));
	(void)amqp_queue_declare(
	    amqp->state, AMQP_CHANNEL, amqp_cstring_bytes(words[0]), 0, 1, 0, 0, amqp_empty_table);
	return amqp_link_call_end(amqp, words[0]);
}

static const struct {
	const char *name;
	int words;
	enum err (*run)(struct amqp *amqp, const struct deadline *deadline, char **words);
} commands[] = {{"publish", 3, publish}, {"flood", 0, flood}, {"delete", 1, remove_queue},
    {"replace", 1, replace}};

int
main(int argc, char **argv)
{
	const struct deadline deadline = deadline_in(&clock_system, LIMIT_MS);
	const char *url = getenv("AMQP_URL");
	struct amqp *amqp = NULL;
	enum err err = ERR_MALFORMED;

	log_init("broker", LOG_ERROR, STDERR_FILENO);
	if (url == NULL || amqp_new(url, "somebody", &clock_system, &amqp) != ERR_OK)
		return EXIT_FAILURE;
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (argc == commands[i].words + 2 && str_equal(argv[1], commands[i].name))
			err = commands[i].run(amqp, &deadline, argv + 2);
	amqp_free(&amqp);
	if (err != ERR_OK)
		(void)fprintf(stderr, "broker: %s\n", err_name(err));
	return err == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

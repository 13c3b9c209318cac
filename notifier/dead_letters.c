#include "notifier/dead_letters.h"

#include <openssl/sha.h>

#include "notifier/dead_reason.h"
#include "notifier/queues.h"
#include "shared/base/str.h"
#include "shared/infra/amqp.h"

#define CALL_MAX_MS  10000
#define ARENA_BYTES  ((size_t)16 * 1024 * 1024)
#define DIGEST_BYTES 8

#define auto_amqp AUTO_OF(amqp_free)

struct visit {
	struct amqp *reading, *sending;
	const struct clock *clock;
	const struct dead_request *request;
	struct arena *arena;
};

static const char *
letter_id(struct arena *arena, const struct amqp_delivery *letter)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	char text[2 * DIGEST_BYTES + 1];

	if (letter->message_id[0] != '\0')
		return letter->message_id;
	(void)SHA256((const unsigned char *)letter->body.data, letter->body.len, digest);
	hex_encode(digest, DIGEST_BYTES, text);
	return arena_strdup(arena, text);
}

static bool
is_wanted(const struct dead_request *request, const char *id)
{
	for (size_t i = 0; i < request->id_count; i++)
		if (str_equal(request->ids[i], id))
			return true;
	return request->all;
}

/* Control characters of whoever wrote it do not reach the terminal. */
static void
print_text(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		(void)fputc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, out);
}

static void
print(const struct visit *visit, const struct amqp_delivery *letter, const char *id)
{
	FILE *out = visit->request->out;

	(void)fputs("letter\t", out);
	print_text(out, id);
	(void)fprintf(out, "\t%s\t%s\t",
	    letter->death_reason[0] != '\0' ? letter->death_reason : "-",
	    letter->death_queue[0] != '\0' ? letter->death_queue : "-");
	print_text(out, dead_reason(visit->arena, letter));
	(void)fputc('\n', out);
}

static enum err
send_back(struct visit *visit, const struct amqp_delivery *letter, const char *id)
{
	const struct deadline deadline = deadline_in(visit->clock, CALL_MAX_MS);
	const struct amqp_message message = {
	    .message_id = id,
	    .content_type = "application/cloudevents+json",
	    .body = letter->body,
	};
	/* Any of them takes every event, should a letter be without a past. */
	const char *queue =
	    letter->death_queue[0] != '\0' ? letter->death_queue : notifier_queues[0].name;

	/* One that was cut on its way here would go back cut. */
	if (letter->too_large)
		return ERR_BODY_TOO_LARGE;
	return amqp_send_back(visit->sending, &deadline, queue, &message);
}

static enum err
handle(struct visit *visit, const struct amqp_delivery *letter, int64_t *done)
{
	enum dead_action action = visit->request->action;
	const char *id;

	arena_reset(visit->arena);
	TRY_ALLOC(id = letter_id(visit->arena, letter));
	if (action != DEAD_LIST && !is_wanted(visit->request, id))
		return ERR_OK;
	if (action == DEAD_LIST)
		print(visit, letter, id);
	if (action == DEAD_REPLAY)
		TRY(send_back(visit, letter, id));
	if (action != DEAD_LIST)
		TRY(amqp_ack(visit->reading, letter->tag));
	++*done;
	return ERR_OK;
}

/* What is not acknowledged returns to the queue when the connection is closed. */
static enum err
go_through(struct visit *visit, int64_t *done)
{
	const struct deadline deadline = deadline_in(visit->clock, CALL_MAX_MS);
	int64_t count = 0;

	TRY(amqp_count(visit->reading, &deadline, DEAD_LETTERS_QUEUE, &count));
	TRY(amqp_consume(visit->reading, &deadline, DEAD_LETTERS_QUEUE, 0));
	for (int64_t i = 0; i < count; i++) {
		struct amqp_delivery letter;
		enum err err = amqp_next(visit->reading, CALL_MAX_MS, &letter);

		/* Somebody else holds the rest. */
		if (err == ERR_DEADLINE)
			break;
		TRY(err);
		TRY(handle(visit, &letter, done));
	}
	return ERR_OK;
}

enum err
dead_letters_go_through(const char *amqp_url, const struct clock *clock,
    const struct dead_request *request, int64_t *done)
{
	auto_arena struct arena *arena = NULL;
	auto_amqp struct amqp *reading = NULL;
	auto_amqp struct amqp *sending = NULL;
	struct visit visit = {.clock = clock, .request = request};
	int64_t count = 0;

	TRY(arena_new(ARENA_BYTES, &arena));
	TRY(amqp_new(amqp_url, "notifier.dead", clock, &reading));
	TRY(amqp_new(amqp_url, "notifier.replay", clock, &sending));
	visit.arena = arena;
	visit.reading = reading;
	visit.sending = sending;
	TRY(go_through(&visit, &count));
	*done = count;
	return ERR_OK;
}

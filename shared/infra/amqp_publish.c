#include <string.h>

#include "shared/base/check.h"
#include "shared/base/log.h"
#include "shared/infra/amqp_link.h"

/* So many messages are under way at once; more are sent in further rounds. */
#define WINDOW 256
/* How often answers are taken in while sending, so that neither side's buffers fill up. */
#define SENT_BETWEEN_LOOKS 16

struct window {
	struct amqp_message *messages;
	size_t count;
	size_t sent;
	size_t answered_count;
	uint64_t first_tag; /* of messages[0] */
	bool answered[WINDOW];
};

static void
answer(struct window *window, size_t at, bool accepted)
{
	struct amqp_message *message = &window->messages[at];

	if (window->answered[at])
		return;
	window->answered[at] = true;
	window->answered_count++;
	message->confirmed = accepted && !message->returned;
}

/* An ack or nack of TAG.  Tags of an earlier, given up window lie below the first. */
static void
answer_tag(struct window *window, const struct amqp_news *news)
{
	bool accepted = news->kind == AMQP_NEWS_ACK;
	uint64_t last;

	if (news->tag < window->first_tag)
		return;
	last = news->tag - window->first_tag;
	if (last >= window->sent)
		return;
	for (size_t i = news->multiple ? 0 : (size_t)last; i <= last; i++)
		answer(window, i, accepted);
}

/* A return comes before the confirm of its message, which it names by the message's id alone. */
static void
mark_returned(struct window *window, const struct amqp_content *content)
{
	for (size_t i = 0; i < window->sent; i++) {
		struct amqp_message *message = &window->messages[i];

		if (window->answered[i] || message->returned ||
		    strcmp(message->message_id, content->message_id) != 0)
			continue;
		message->returned = true;
		log_debug("broker has no queue for a message",
		    LOG_TEXT("routing_key", message->routing_key),
		    LOG_TEXT("message_id", message->message_id));
		return;
	}
}

static enum err
take_answer(struct amqp *amqp, struct window *window, int64_t wait_ms)
{
	struct amqp_news news;

	TRY(amqp_link_read(amqp, wait_ms, &news));
	switch (news.kind) {
	case AMQP_NEWS_ACK:
	case AMQP_NEWS_NACK:
		answer_tag(window, &news);
		break;
	case AMQP_NEWS_RETURN:
		mark_returned(window, &amqp->content);
		break;
	case AMQP_NEWS_NONE:
	case AMQP_NEWS_PART:
	case AMQP_NEWS_DELIVERY:
	case AMQP_NEWS_CANCEL:
		break;
	}
	return ERR_OK;
}

static enum err
send_message(struct amqp *amqp, struct window *window)
{
	const struct amqp_message *message = &window->messages[window->sent];
	char *body = NULL;
	amqp_table_entry_t trace = {
	    .key = amqp_cstring_bytes("traceparent"), .value.kind = AMQP_FIELD_KIND_UTF8};
	amqp_basic_properties_t properties = {
	    ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
		AMQP_BASIC_MESSAGE_ID_FLAG,
	    .content_type = amqp_cstring_bytes(message->content_type),
	    .delivery_mode = AMQP_DELIVERY_PERSISTENT,
	    .message_id = amqp_cstring_bytes(message->message_id),
	};
	int status;

	check(properties.message_id.len < AMQP_SHORT_SIZE &&
	    strlen(message->routing_key) < AMQP_SHORT_SIZE);
	if (message->traceparent != NULL) {
		properties._flags |= AMQP_BASIC_HEADERS_FLAG;
		trace.value.value.bytes = amqp_cstring_bytes(message->traceparent);
		properties.headers = (amqp_table_t){1, &trace};
	}
	memcpy(&body, &message->body.data, sizeof(body)); /* the library only reads it */
	status = amqp_basic_publish(amqp->state, AMQP_CHANNEL,
	    amqp_cstring_bytes(message->exchange != NULL ? message->exchange : AMQP_EXCHANGE),
	    amqp_cstring_bytes(message->routing_key), 1, 0, &properties,
	    (amqp_bytes_t){message->body.len, body});
	if (status != AMQP_STATUS_OK)
		return amqp_link_drop(amqp, amqp_error_string2(status));
	amqp->published++;
	window->sent++;
	return ERR_OK;
}

static enum err
send_all(struct amqp *amqp, const struct deadline *deadline, struct window *window)
{
	while (window->sent < window->count) {
		if (window->sent % SENT_BETWEEN_LOOKS == 0)
			TRY(take_answer(amqp, window, 0));
		while (amqp->blocked && deadline_left_ms(deadline) > 0)
			TRY(take_answer(amqp, window, deadline_left_ms(deadline)));
		if (deadline_left_ms(deadline) == 0)
			return ERR_DEADLINE;
		TRY(send_message(amqp, window));
	}
	return ERR_OK;
}

static enum err
publish_window(struct amqp *amqp, const struct deadline *deadline, struct window *window)
{
	TRY(send_all(amqp, deadline, window));
	while (window->answered_count < window->sent) {
		if (deadline_left_ms(deadline) == 0)
			return ERR_DEADLINE;
		TRY(take_answer(amqp, window, deadline_left_ms(deadline)));
	}
	amqp_link_worked(amqp);
	return ERR_OK;
}

/* Once a connection: confirm mode, and the exchange, whose absence would close the channel. */
static enum err
prepare(struct amqp *amqp, const struct deadline *deadline)
{
	TRY(amqp_link_open(amqp, deadline));
	if (amqp->confirming)
		return ERR_OK;
	TRY(amqp_declare_exchange(amqp, deadline));
	TRY(amqp_link_call_begin(amqp, deadline));
	(void)amqp_confirm_select(amqp->state, AMQP_CHANNEL);
	TRY(amqp_link_call_end(amqp, "confirms"));
	amqp->confirming = true;
	return ERR_OK;
}

enum err
amqp_publish(
    struct amqp *amqp, const struct deadline *deadline, struct amqp_message *messages, size_t count)
{
	for (size_t i = 0; i < count; i++)
		messages[i].confirmed = messages[i].returned = false;
	TRY(prepare(amqp, deadline));
	for (size_t at = 0; at < count; at += WINDOW) {
		struct window window = {
		    .messages = &messages[at],
		    .count = count - at < WINDOW ? count - at : WINDOW,
		    .first_tag = amqp->published + 1,
		};
		enum err err = publish_window(amqp, deadline, &window);

		/* A broker that owes answers for no reason it has told is as good as gone. */
		if (err == ERR_DEADLINE && window.answered_count < window.sent && !amqp->blocked)
			(void)amqp_link_drop(amqp, "no confirm in time");
		TRY(err);
	}
	return ERR_OK;
}

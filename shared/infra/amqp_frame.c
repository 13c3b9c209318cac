#include "shared/infra/amqp_frame.h"

#include <string.h>

#include "shared/base/log.h"

/* Text that is no longer than a short string may be: the library has checked the frame. */
static void
copy_short(char out[AMQP_SHORT_SIZE], amqp_bytes_t bytes)
{
	size_t len = bytes.len < AMQP_SHORT_SIZE ? bytes.len : AMQP_SHORT_SIZE - 1;

	if (len > 0)
		memcpy(out, bytes.bytes, len);
	out[len] = '\0';
}

static void
content_begin(struct amqp_content *content, enum amqp_news_kind kind, amqp_bytes_t routing_key)
{
	content->kind = kind;
	content->has_header = false;
	content->redelivered = false;
	content->too_large = false;
	content->tag = 0;
	content->left_bytes = 0;
	content->message_id[0] = content->death_reason[0] = content->death_queue[0] = '\0';
	copy_short(content->routing_key, routing_key);
	buf_reset(&content->body);
}

static void
content_end(struct amqp_content *content, struct amqp_news *news)
{
	if (!content->has_header || content->left_bytes > 0)
		return;
	if (content->body.failed)
		content->too_large = true;
	news->kind = content->kind;
	news->tag = content->tag;
	content->kind = AMQP_NEWS_NONE;
}

static const amqp_field_value_t *
find_field(const amqp_table_t *table, const char *name)
{
	for (int i = 0; i < table->num_entries; i++) {
		const amqp_table_entry_t *entry = &table->entries[i];

		if (entry->key.len == strlen(name) &&
		    memcmp(entry->key.bytes, name, entry->key.len) == 0)
			return &entry->value;
	}
	return NULL;
}

static void
copy_text_field(char out[AMQP_SHORT_SIZE], const amqp_table_t *table, const char *name)
{
	const amqp_field_value_t *value = find_field(table, name);

	if (value != NULL && value->kind == AMQP_FIELD_KIND_UTF8)
		copy_short(out, value->value.bytes);
}

/* The latest death comes first. */
static void
take_death(struct amqp_content *content, const amqp_table_t *headers)
{
	const amqp_field_value_t *deaths = find_field(headers, "x-death");
	const amqp_field_value_t *latest;

	if (deaths == NULL || deaths->kind != AMQP_FIELD_KIND_ARRAY ||
	    deaths->value.array.num_entries == 0)
		return;
	latest = &deaths->value.array.entries[0];
	if (latest->kind != AMQP_FIELD_KIND_TABLE)
		return;
	copy_text_field(content->death_reason, &latest->value.table, "reason");
	copy_text_field(content->death_queue, &latest->value.table, "queue");
}

static enum err
take_header(struct amqp *amqp, const amqp_frame_t *frame, struct amqp_news *news)
{
	struct amqp_content *content = &amqp->content;
	const amqp_basic_properties_t *properties = frame->payload.properties.decoded;

	if (content->kind == AMQP_NEWS_NONE || content->has_header)
		return amqp_link_drop(amqp, "a header that belongs to nothing");
	content->has_header = true;
	content->left_bytes = frame->payload.properties.body_size;
	if ((properties->_flags & AMQP_BASIC_MESSAGE_ID_FLAG) != 0)
		copy_short(content->message_id, properties->message_id);
	if ((properties->_flags & AMQP_BASIC_HEADERS_FLAG) != 0)
		take_death(content, &properties->headers);
	content_end(content, news);
	return ERR_OK;
}

static enum err
take_body(struct amqp *amqp, const amqp_frame_t *frame, struct amqp_news *news)
{
	struct amqp_content *content = &amqp->content;
	amqp_bytes_t part = frame->payload.body_fragment;

	if (!content->has_header || part.len > content->left_bytes)
		return amqp_link_drop(amqp, "a body that belongs to nothing");
	content->left_bytes -= part.len;
	if (content->kind == AMQP_NEWS_DELIVERY)
		buf_put(&content->body, part.bytes, part.len);
	content_end(content, news);
	return ERR_OK;
}

static enum err
take_method(struct amqp *amqp, const amqp_method_t *method, struct amqp_news *news)
{
	switch (method->id) {
	case AMQP_BASIC_ACK_METHOD: {
		const amqp_basic_ack_t *ack = method->decoded;

		*news = (struct amqp_news){AMQP_NEWS_ACK, ack->delivery_tag, ack->multiple != 0};
		return ERR_OK;
	}
	case AMQP_BASIC_NACK_METHOD: {
		const amqp_basic_nack_t *nack = method->decoded;

		*news = (struct amqp_news){AMQP_NEWS_NACK, nack->delivery_tag, nack->multiple != 0};
		return ERR_OK;
	}
	case AMQP_BASIC_RETURN_METHOD: {
		const amqp_basic_return_t *back = method->decoded;

		content_begin(&amqp->content, AMQP_NEWS_RETURN, back->routing_key);
		return ERR_OK;
	}
	case AMQP_BASIC_DELIVER_METHOD: {
		const amqp_basic_deliver_t *deliver = method->decoded;

		content_begin(&amqp->content, AMQP_NEWS_DELIVERY, deliver->routing_key);
		amqp->content.tag = deliver->delivery_tag;
		amqp->content.redelivered = deliver->redelivered != 0;
		return ERR_OK;
	}
	case AMQP_BASIC_CANCEL_METHOD:
		news->kind = AMQP_NEWS_CANCEL;
		return ERR_OK;
	case AMQP_CONNECTION_BLOCKED_METHOD:
		amqp->blocked = true;
		log_warn("broker takes no messages: it is short of memory or disk",
		    LOG_TEXT("connection", amqp->name));
		return ERR_OK;
	case AMQP_CONNECTION_UNBLOCKED_METHOD:
		amqp->blocked = false;
		log_info("broker takes messages again", LOG_TEXT("connection", amqp->name));
		return ERR_OK;
	case AMQP_CHANNEL_CLOSE_METHOD:
	case AMQP_CONNECTION_CLOSE_METHOD:
		return amqp_link_closed(amqp, method);
	default: /* a late answer to a call that was given up: of no use */
		return ERR_OK;
	}
}

enum err
amqp_link_read(struct amqp *amqp, int64_t wait_ms, struct amqp_news *news)
{
	struct timeval wait = amqp_timeval(wait_ms > 0 ? wait_ms : 0);
	amqp_frame_t frame;
	enum err err = ERR_OK;
	int status;

	news->kind = AMQP_NEWS_NONE;
	if (amqp->state == NULL)
		return ERR_UNAVAILABLE;
	status = amqp_simple_wait_frame_noblock(amqp->state, &frame, &wait);
	if (status == AMQP_STATUS_TIMEOUT)
		return ERR_OK;
	if (status != AMQP_STATUS_OK)
		return amqp_link_drop(amqp, amqp_error_string2(status));
	news->kind = AMQP_NEWS_PART;
	switch (frame.frame_type) {
	case AMQP_FRAME_METHOD:
		err = take_method(amqp, &frame.payload.method, news);
		break;
	case AMQP_FRAME_HEADER:
		err = take_header(amqp, &frame, news);
		break;
	case AMQP_FRAME_BODY:
		err = take_body(amqp, &frame, news);
		break;
	default:
		break;
	}
	/* All that is kept of a frame was copied, so the library may have its memory back. */
	if (amqp->state != NULL)
		amqp_maybe_release_buffers(amqp->state);
	return err;
}

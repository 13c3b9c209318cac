#include "fcgi/items/embedded.h"

#include <string.h>

#include "shared/infra/mongo_list.h"
#include "shared/infra/mongo_read.h"

static bool
put_text_unless_null(bson_t *document, const char *name, const char *text)
{
	return text == NULL || mongo_put_text(document, name, text);
}

static bool
put_span(bson_t *document, const char *name, struct span text)
{
	return text.len <= INT32_MAX &&
	    bson_append_utf8(document, name, -1, text.data, (int)text.len);
}

bool
embedded_put_answer(bson_t *document, const char *name, const struct kept_answer *answer)
{
	bson_t inner;

	return bson_append_document_begin(document, name, -1, &inner) &&
	    BSON_APPEND_INT32(&inner, "status", answer->status) &&
	    put_text_unless_null(&inner, "content_type", answer->content_type) &&
	    put_text_unless_null(&inner, "location", answer->location) &&
	    put_text_unless_null(&inner, "etag", answer->etag) &&
	    put_span(&inner, "body", answer->body) && bson_append_document_end(document, &inner);
}

bool
embedded_put_claim(bson_t *document, const struct idempotency *idempotency, int64_t at_ms,
    const struct kept_answer *answer)
{
	bson_t inner;

	return BSON_APPEND_DOCUMENT_BEGIN(document, "idempotency", &inner) &&
	    mongo_put_text(&inner, "key", idempotency->key) &&
	    mongo_put_text(&inner, "fingerprint", idempotency->fingerprint) &&
	    BSON_APPEND_DATE_TIME(&inner, "at", at_ms) &&
	    (answer == NULL || embedded_put_answer(&inner, "answer", answer)) &&
	    bson_append_document_end(document, &inner);
}

static enum err
get_text_copy(struct arena *arena, const bson_t *document, const char *name, const char **out)
{
	const char *text;
	char *copy;

	TRY(mongo_get_text(document, name, &text));
	copy = arena_strdup(arena, text);
	TRY_ALLOC(copy);
	*out = copy;
	return ERR_OK;
}

/* NULL when it is not there. */
static enum err
get_text_or_null(struct arena *arena, const bson_t *document, const char *name, const char **out)
{
	if (mongo_has(document, name))
		return get_text_copy(arena, document, name, out);
	*out = NULL;
	return ERR_OK;
}

static enum err
get_answer(struct arena *arena, const bson_t *document, struct kept_answer *out)
{
	struct kept_answer answer;
	const char *body;
	int64_t status;

	TRY(mongo_get_int(document, "status", &status));
	if (status < 200 || status > 499)
		return ERR_CORRUPT;
	answer.status = (int)status;
	TRY(get_text_or_null(arena, document, "content_type", &answer.content_type));
	TRY(get_text_or_null(arena, document, "location", &answer.location));
	TRY(get_text_or_null(arena, document, "etag", &answer.etag));
	TRY(get_text_copy(arena, document, "body", &body));
	answer.body = span_of(body, strlen(body));
	*out = answer;
	return ERR_OK;
}

enum err
embedded_get_claim(struct arena *arena, const bson_t *document, struct claim *out)
{
	struct claim claim = {.has_answer = false};
	bson_t answer;
	bson_t inner;

	TRY(mongo_get_document(document, "idempotency", &inner));
	TRY(get_text_copy(arena, &inner, "fingerprint", &claim.fingerprint));
	TRY(mongo_get_time(&inner, "at", &claim.at_ms));
	if (mongo_has(&inner, "answer")) {
		TRY(mongo_get_document(&inner, "answer", &answer));
		TRY(get_answer(arena, &answer, &claim.answer));
		claim.has_answer = true;
	}
	*out = claim;
	return ERR_OK;
}

bool
embedded_put_event(bson_t *document, const char *name, const struct pending_event *event)
{
	bson_t inner;

	return bson_append_document_begin(document, name, -1, &inner) &&
	    mongo_put_text(&inner, "id", event->id.text) &&
	    mongo_put_text(&inner, "type", event->type) &&
	    BSON_APPEND_DATE_TIME(&inner, "at", event->at_ms) &&
	    put_text_unless_null(&inner, "traceparent", event->traceparent) &&
	    put_span(&inner, "body", event->body) && bson_append_document_end(document, &inner);
}

bool
embedded_put_push(bson_t *update, const struct pending_event *events, size_t count)
{
	struct mongo_list each;
	bson_t push, list;
	bool fits = BSON_APPEND_DOCUMENT_BEGIN(update, "$push", &push) &&
	    BSON_APPEND_DOCUMENT_BEGIN(&push, "pending_events", &list) &&
	    mongo_list_begin(&list, "$each", &each);

	for (size_t i = 0; fits && i < count; i++)
		fits = embedded_put_event(&each.bson, mongo_list_next(&each), &events[i]);
	return fits && mongo_list_end(&list, &each) && bson_append_document_end(&push, &list) &&
	    bson_append_document_end(update, &push);
}

bool
embedded_put_due(bson_t *set, const struct pending_event *event)
{
	return BSON_APPEND_DATE_TIME(set, "relay.due", event->at_ms);
}

bool
embedded_put_events(bson_t *document, const struct pending_event *event)
{
	struct mongo_list list;
	bson_t relay;

	return BSON_APPEND_DOCUMENT_BEGIN(document, "relay", &relay) &&
	    BSON_APPEND_DATE_TIME(&relay, "due", event->at_ms) &&
	    bson_append_document_end(document, &relay) &&
	    mongo_list_begin(document, "pending_events", &list) &&
	    embedded_put_event(&list.bson, mongo_list_next(&list), event) &&
	    mongo_list_end(document, &list);
}

enum err
embedded_get_event(struct arena *arena, const bson_t *element, struct pending_event *out)
{
	struct pending_event event;
	const char *body;

	TRY(mongo_get_id(element, "id", &event.id));
	TRY(get_text_copy(arena, element, "type", &event.type));
	TRY(mongo_get_time(element, "at", &event.at_ms));
	TRY(get_text_or_null(arena, element, "traceparent", &event.traceparent));
	TRY(get_text_copy(arena, element, "body", &body));
	event.body = span_of(body, strlen(body));
	*out = event;
	return ERR_OK;
}
